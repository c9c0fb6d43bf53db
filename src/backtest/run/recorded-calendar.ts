/** Times at which the recorded rollout began its stages. The rollout of a backtest may not begin them before. */
import type { CalendarAnswer } from '../../activities/interface/results.js';
import { switchPropagationSeconds } from '../../workflows/run/timings.js';
import { deploysAt } from './played-plan.js';
import type { RecordedSegment } from './recorded-segments.js';

/** Times in milliseconds since the epoch. */
export class RecordedCalendar {
  private whenWaiting: (() => void) | null = null;

  /** `segments`: empty if the plan alone decides. */
  constructor(private readonly segments: RecordedSegment[]) {}

  get isClosed(): boolean {
    return this.whenWaiting !== null;
  }

  /** From now on no stage begins. `whenWaiting`: the rollout waits for one. */
  close(whenWaiting: () => void): void {
    this.whenWaiting = whenWaiting;
  }

  /** `stage`: the stage that the rollout is about to begin, from 1. */
  evaluate(stage: number, nowMs: number): CalendarAnswer {
    const beginsMs = this.beginsMs(stage);
    this.whenWaiting?.();
    if (this.isClosed || beginsMs === null)
      return { holds: true, until: null, message: 'the recorded rollout has no further stage' };
    const until = new Date(beginsMs).toISOString();
    return beginsMs > nowMs
      ? { holds: true, until, message: `the recorded rollout continued at ${until}` }
      : { holds: false, until: null, message: 'the recorded rollout has continued' };
  }

  /** Infinity: none. */
  nextChangeMs(nowMs: number): number {
    return this.segments.find(({ fromMs }) => fromMs > nowMs)?.fromMs ?? Infinity;
  }

  /** Null: the data has no such stage. */
  private beginsMs(stage: number): number | null {
    if (stage === 0) return 0;
    const segment = this.segments[stage - 1];
    if (segment === undefined) return null;
    const { fromMs } = segment;
    // Before its first weights, a deployment waits until every switch knows the variants.
    return deploysAt(this.segments, stage) ? fromMs - switchPropagationSeconds * 1000 : fromMs;
  }
}
