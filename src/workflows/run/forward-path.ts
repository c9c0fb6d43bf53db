/** The forward path: a stop ends it at once, whatever it waits for. */
import { CancellationScope, condition } from '@temporalio/workflow';
import { wasCancelled } from '../temporal/activity-proxy.js';
import type { Control } from '../commands/control.js';
import { RolloutStopped } from '../temporal/stop.js';

export class ForwardPath {
  private readonly scope = new CancellationScope();

  constructor(private readonly control: Control) {
    control.onStop = () => this.scope.cancel();
  }

  /** Runs the forward path; whatever ends it early comes out as RolloutStopped. */
  async run(forward: () => Promise<void>): Promise<void> {
    try {
      await this.scope.run(forward);
    } catch (error) {
      if (this.control.stopped) throw new RolloutStopped(this.control.stopped);
      if (wasCancelled(error)) throw new RolloutStopped((this.control.stopped = { kind: 'cancelled' }));
      throw error;
    }
    // The last activity may have completed although it was cancelled.
    if (this.control.stopped) throw new RolloutStopped(this.control.stopped);
  }

  /** Runs work that is dropped as soon as `until` holds; null when it was dropped. */
  async runInterruptible<T>(work: () => Promise<T>, until: () => boolean): Promise<T | null> {
    const working = new CancellationScope();
    const waiting = new CancellationScope();
    // What it was dropped for may be over again by the time that the work has ended.
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

  /** Waits, or for less where someone asks for the next try, also while the last one was still under way. */
  async sleepUntilRetry(milliseconds: number): Promise<void> {
    await condition(() => this.control.retryRequested, milliseconds);
    this.control.retryRequested = false;
  }
}
