/**
 * Lets one poll of a watch stand for many. A worker polls for each metric window; in a month of 5-minute windows nearly
 * all of those polls find that the watch continues. A poll of a worker that was away judges the windows since then one by
 * one, so here a poll is made every `maxJoined` windows, and between windows none.
 *
 * An alarm of the candidate is evaluated at each poll and can fire and recover between two, so with one no poll is left out.
 *
 * If such a poll ends the watch, or anything else does meanwhile, one of the polls left out would have done so earlier.
 * The span is unclear then: the caller plays the same simulation again, with every poll of that span.
 */
import type { FailureType } from '../activities/interface/failure-type.js';
import type { WatchRequest, WatchState } from '../activities/interface/watch.js';
import { comparisonsOf } from '../activities/monitoring/comparisons.js';
import type { PollDetails } from '../activities/temporal/polling.js';
import type { ReasonCode } from '../analysis/verdicts/verdict.js';
import type { AttemptTimes, PolledActivity } from './temporal/activity-task.js';
import { decode } from './temporal/payloads.js';

/** Milliseconds since the epoch. `fromMs`: the start of a poll, the last one before the span. */
export interface PollSpan {
  fromMs: number;
  toMs: number;
}

/**
 * Max windows of one poll, a day of windows of 5 minutes. Below `windowsPerPoll` of the activity. A poll judges at most 25
 * percentiles of joined windows with calls of their own (`readsPerPoll`), and leaves the others to later polls.
 */
const maxJoined = 288;
/** The last poll before the end of a bake or of a round: the end itself gets a poll of its own. */
const beforeEndMs = 30_000;
/** Data that the polls wait for. They are made at their planned times then. */
const missingData: ReasonCode[] = ['awaitingFirstWindow', 'noData', 'partialData', 'readError'];

export class JoinedPolls implements AttemptTimes {
  /** Steady polls of an activity so far. */
  private readonly polls = new WeakMap<PolledActivity['command'], number>();
  private found: PollSpan | null = null;

  constructor(private readonly everyPollWithin: readonly PollSpan[]) {}

  /** The first span of which it is not known what its polls would have found. */
  get unclear(): PollSpan | null {
    return this.found;
  }

  next(poll: PolledActivity): number {
    const { command, beganMs, plannedMs, details } = poll;
    if (command.activityType !== 'watchTraffic' || !this.isSteady(poll)) return plannedMs;
    const polls = (this.polls.get(command) ?? 0) + 1;
    this.polls.set(command, polls);
    // Most candidates that fail do so early, so few windows are joined at first.
    const joined = Math.min(maxJoined, 2 ** (polls - 1));
    const request = decode(command.arguments?.[0]) as WatchRequest;
    if (request.guardrails.some(({ kind }) => kind === 'candidateAlarm')) return plannedMs;
    const dueMs = latestPollMs(request, details as WatchDetails, { joined, nowMs: beganMs });
    return dueMs > plannedMs && dueMs <= this.nextSpanMs(beganMs) ? dueMs : plannedMs;
  }

  /** The watch continues, and neither a problem is reported nor data is missing. */
  isSteady({ failure, details }: Pick<PolledActivity, 'failure' | 'details'>): boolean {
    const inProgress: FailureType = 'InProgress';
    if (failure.applicationFailureInfo?.type !== inProgress || !isWatch(details)) return false;
    const { guardrails, comparisons } = details.state;
    return (
      details.repeatsState &&
      [...Object.values(guardrails), ...Object.values(comparisons)].every(
        ({ last }) => !missingData.includes(last.reason),
      )
    );
  }

  postponed(fromMs: number, toMs: number): void {
    this.found ??= { fromMs, toMs };
  }

  /** No poll may stand for one in such a span. */
  private nextSpanMs(beganMs: number): number {
    return this.everyPollWithin.find(({ toMs }) => toMs > beganMs)?.fromMs ?? Infinity;
  }
}

type WatchDetails = PollDetails & { state: WatchState };

function isWatch(details: unknown): details is WatchDetails {
  const state = (details as PollDetails | undefined)?.state;
  return typeof state === 'object' && state !== null && 'guardrails' in state;
}

/**
 * The latest time of the next poll, in milliseconds since the epoch. Comparisons and goals are judged by their sums so
 * far, so each of their windows needs a poll of its own.
 */
function latestPollMs(
  request: WatchRequest,
  { state }: WatchDetails,
  { joined, nowMs }: { joined: number; nowMs: number },
): number {
  const { mode, since, bakeSeconds, guardrails } = request;
  if (mode === 'final') return -Infinity;
  const times = [Date.parse(request.roundEnds) - beforeEndMs];
  const bakeEndsMs = Date.parse(since) + bakeSeconds * 1000;
  // After the bake, the data of any window can end the watch.
  const isOver = mode === 'bake' && nowMs >= bakeEndsMs;
  if (mode === 'bake' && !isOver) times.push(bakeEndsMs - beforeEndMs);
  for (const comparison of comparisonsOf(request)) times.push(dueAfter(comparison, state.comparisons));
  const bounds = guardrails.filter((guardrail) => guardrail.kind === 'bound');
  const shortestMs = Math.min(...bounds.map(({ windowSeconds }) => windowSeconds * 1000));
  for (const bound of bounds) {
    const lengthMs = bound.windowSeconds * 1000;
    const dueMs = dueAfter(bound, state.guardrails);
    // Windows with too few requests are past and not judged: a later one is judged together with them.
    const missed = Math.max(0, Math.floor((nowMs - dueMs) / lengthMs) + 1);
    times.push(dueMs + missed * lengthMs + (isOver ? 0 : joined - 1) * shortestMs);
  }
  return Math.min(...times);
}

/** When the window after the last judged one can be judged. Without one yet, polls are made as planned. */
function dueAfter(
  { id, windowSeconds, dataDelaySeconds }: { id: string; windowSeconds: number; dataDelaySeconds: number },
  progress: Record<string, { judgedTo: string }>,
): number {
  const judgedTo = progress[id]?.judgedTo;
  return judgedTo === undefined
    ? -Infinity
    : Date.parse(judgedTo) + (windowSeconds + dataDelaySeconds) * 1000;
}
