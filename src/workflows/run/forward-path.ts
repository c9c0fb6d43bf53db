/** Runs the forward path, and cancels it at once when the rollout stops. */
import { CancellationScope, condition } from '@temporalio/workflow';
import { wasCancelled } from '../temporal/activity-proxy.js';
import type { Control } from '../commands/control.js';
import { RolloutStopped } from '../temporal/stop.js';

export class ForwardPath {
  private readonly scope = new CancellationScope();
  private seenRetries = 0;

  constructor(private readonly control: Control) {
    control.onStop = () => this.scope.cancel();
  }

  /** Throws RolloutStopped if a command, an alarm or a cancellation ends the forward path early. */
  async run(forward: () => Promise<void>): Promise<void> {
    try {
      await this.scope.run(forward);
    } catch (error) {
      if (this.control.stopped) throw new RolloutStopped(this.control.stopped);
      if (wasCancelled(error)) throw new RolloutStopped((this.control.stopped = { kind: 'cancelled' }));
      throw error;
    }
    // An activity can complete although it was cancelled.
    if (this.control.stopped) throw new RolloutStopped(this.control.stopped);
  }

  /** Runs `work` and cancels it when `until` is true. Returns null if it was cancelled. */
  async runInterruptible<T>(work: () => Promise<T>, until: () => boolean): Promise<T | null> {
    const working = new CancellationScope();
    const waiting = new CancellationScope();
    // `until` may be false again when the cancelled work ends.
    let isDropped = false;
    waiting
      .run(() => condition(() => until() && !this.control.stopped))
      .then(
        () => {
          isDropped = true;
          working.cancel();
        },
        () => undefined,
      );
    try {
      return await working.run(work);
    } catch (error) {
      if (wasCancelled(error) && isDropped && !this.control.stopped) return null;
      throw error;
    } finally {
      waiting.cancel();
    }
  }

  /**
   * Ends early on a `retry` command, also on one that arrived during the last attempt. The first sleep can end because of
   * an older one, which costs one attempt.
   */
  async sleepUntilRetry(milliseconds: number): Promise<void> {
    const { control } = this;
    control.isWaitingToRetry = true;
    try {
      await condition(() => control.retries > this.seenRetries, milliseconds);
    } finally {
      control.isWaitingToRetry = false;
      this.seenRetries = control.retries;
    }
  }
}
