/**
 * Leaves out polls that would see nothing new. A worker polls every 30 s; in a month most of those polls find the account
 * as it was. Here a poll is made at its next window, at the latest after `idleSeconds`, and as soon as a state in the
 * account changes: then at the time at which the worker's next poll would have been.
 */
import type { PollDetails } from '../activities/temporal/polling.js';
import type { InProcessEmulator } from '../emulator/in-process.js';
import type { SimulatedTemporal } from './temporal/simulated-temporal.js';

/** Default of the longest time without a poll, in seconds. A window whose data is late is polled for this often. */
export const idleSeconds = 300;

export class IdlePolls {
  private seen: string;

  constructor(
    private readonly temporal: SimulatedTemporal,
    private readonly emulator: InProcessEmulator,
    /** The worker's interval. */
    private readonly pollMs: number,
  ) {
    this.seen = emulator.observableState();
  }

  /** Lets the account change until the next thing happens in Temporal, or until `untilMs`. */
  async advance(untilMs: number): Promise<void> {
    const { clock } = this.temporal;
    this.notice();
    for (;;) {
      const limitMs = Math.min(clock.nextMs ?? Infinity, untilMs);
      const dueMs = this.emulator.nextDueMs();
      // Without a limit nothing waits for the account.
      if (dueMs === null || dueMs > limitMs || limitMs === Infinity) return;
      clock.advanceTo(dueMs);
      await this.emulator.advance();
      this.notice();
    }
  }

  private notice(): void {
    const state = this.emulator.observableState();
    if (state === this.seen) return;
    this.seen = state;
    for (const run of this.temporal.runningRuns())
      run.pollEarlier((beganMs, details, isPostponed) => this.nextPollOf(beganMs, details, isPostponed));
  }

  /** The poll that a worker would make next, with the details that the polls before it would have left. */
  private nextPollOf(
    beganMs: number,
    details: unknown,
    isPostponed: boolean,
  ): { dueMs: number; details: PollDetails } | null {
    if (!isPollDetails(details)) return null;
    const intervals = Math.floor((this.temporal.clock.nowMs - beganMs) / this.pollMs) + 1;
    const dueMs = beganMs + intervals * this.pollMs;
    if (dueMs >= details.notBeforeMs && !isPostponed) return null;
    return { dueMs, details: { ...details, notBeforeMs: dueMs, delayMs: this.pollMs } };
  }
}

function isPollDetails(details: unknown): details is PollDetails {
  return typeof details === 'object' && details !== null && 'notBeforeMs' in details;
}
