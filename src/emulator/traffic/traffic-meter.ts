/** Interface of the meter of an endpoint's traffic. */
import type { Concurrency } from './concurrency.js';
import type { InvocationOutcome, InvocationTally } from './tally.js';

/** Unpublished tallies, and the position of the random stream. */
export interface MeterState {
  simulatedTo: number;
  tallies: Map<string, InvocationTally>;
  randomAt: number;
}

export interface TrafficMeter {
  /** Counts one request. `latencyMs`: of the container. `overheadMs`: the rest. */
  record(variant: string, outcome: InvocationOutcome, latencyMs: number, overheadMs: number): void;
  /** Simulates the traffic up to now. Call it before a change that affects traffic. */
  catchUp(): void;
  /** Last simulated load, in requests per second and instance. */
  loadOf(variant: string): number;
  /** The simulated requests that each instance works on at a time now. Null: it has none. */
  concurrencyOf(variant: string): Concurrency | null;
  toState(): MeterState;
  restore(state: MeterState): void;
}
