/** What an endpoint's traffic is counted by, as others see it. */
import type { InvocationOutcome, InvocationTally } from './tally.js';

/** What it has not published yet, and where its traffic's random numbers are. */
export interface MeterState {
  simulatedTo: number;
  tallies: Map<string, InvocationTally>;
  randomAt: number;
}

export interface TrafficMeter {
  /** Counts one request; `latencyMs` is the container's, `overheadMs` the rest. */
  record(variant: string, outcome: InvocationOutcome, latencyMs: number, overheadMs: number): void;
  /** Simulates the traffic up to now. Call it before anything changes that traffic depends on. */
  catchUp(): void;
  /** Requests a second for each instance, as last simulated. */
  loadOf(variant: string): number;
  toState(): MeterState;
  restore(state: MeterState): void;
}
