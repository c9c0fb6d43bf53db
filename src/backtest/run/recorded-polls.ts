/** The polls of recorded windows. */
import type { WatchRequest, WatchState } from '../../activities/interface/watch.js';
import type { MetricReader } from '../../activities/metrics/metric-reader.js';
import { judgePoll, type PollObservation, type PollResult } from '../../activities/monitoring/judge-poll.js';
import {
  dataCompleteMs,
  secondsToNextPoll,
  type JudgedWindows,
} from '../../activities/monitoring/judge-windows.js';
import { countDue, dueMs } from '../../analysis/verdicts/windows.js';
import type { RecordedCalendar } from './recorded-calendar.js';
import type { RolloutObserver } from './rollout-observer.js';

/** Times in milliseconds since the epoch. */
export class RecordedPolls {
  /** Time of the next poll after the last one that was judged. */
  nextMs = 0;

  constructor(
    private readonly metrics: MetricReader,
    private readonly observer: RolloutObserver,
    private readonly calendar: RecordedCalendar,
    /** The last poll that has data. */
    private readonly endsMs: number,
    /** Changes the weights if the recording does so at that time and the rollout does not. Returns whether it did. */
    private readonly changeWeights: (nowMs: number) => boolean,
  ) {}

  /**
   * Judges this poll, and the polls after it up to the next one that the rollout has to react to. Until then only time
   * passes, so they need no attempts of their own, which would take most of the time of a backtest. When a recorded stage
   * ends, the recording may act.
   */
  async judge(
    request: WatchRequest,
    before: WatchState,
    seen: PollObservation,
    nowMs: number,
  ): Promise<PollResult> {
    const { metrics, observer, endsMs } = this;
    const changeMs = this.calendar.nextChangeMs(nowMs - 1);
    let poll = await judgePoll(metrics, request, before, seen, nowMs);
    if (request.isChanging) {
      // A change takes no time in a recording, so no window is due during it.
      this.nextMs = nextPollMs(request, poll.windows, nowMs);
      return poll;
    }
    observer.recordPoll(poll, nowMs);
    if (poll.conclusion !== null) return poll;
    let nextMs = nextPollMs(request, poll.windows, nowMs);
    while (nextMs < changeMs && nextMs <= endsMs) {
      const next = await judgePoll(metrics, request, { ...before, ...poll.progress }, seen, nextMs);
      if (next.conclusion !== null) break;
      poll = next;
      observer.recordPoll(poll, nextMs);
      nextMs = nextPollMs(request, poll.windows, nextMs);
    }
    if (!this.changeWeights(nowMs)) {
      this.nextMs = Math.min(nextMs, this.calendar.nextChangeMs(nowMs));
      return poll;
    }
    // A poll before the change and one after it.
    this.nextMs = nowMs;
    return {
      ...poll,
      progress: { ...poll.progress, comparisons: comparedTo(nowMs, poll.progress.comparisons) },
    };
  }
}

/** Windows before a change of weights, whose data is not there yet, must not be compared under the new weights. */
function comparedTo(ms: number, comparisons: WatchState['comparisons']): WatchState['comparisons'] {
  const at = new Date(ms).toISOString();
  return Object.fromEntries(
    Object.entries(comparisons).map(([id, progress]) => [
      id,
      { ...progress, judgedTo: progress.judgedTo > at ? progress.judgedTo : at },
    ]),
  );
}

/** A live rollout also polls every 30 s. A backtest polls only when there can be new data. */
function nextPollMs(request: WatchRequest, judged: JudgedWindows, nowMs: number): number {
  const defaultMs = nowMs + secondsToNextPoll(request, judged, nowMs, Infinity) * 1000;
  const complete = dataCompleteMs(request, judged);
  // Includes windows that are joined with earlier windows with too few requests.
  const due = [...judged.bounds, ...judged.compared].map(({ windows }) =>
    dueMs(windows, countDue(windows, nowMs) + 1),
  );
  return Math.min(defaultMs, ...due, complete > nowMs ? complete : Infinity);
}
