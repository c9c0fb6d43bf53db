/**
 * One attempt of `watchTraffic`: judges what its sources say. It reports if something is decided; else it throws
 * InProgress.
 */
import { joinMessages } from '../../analysis/verdicts/conclude-poll.js';
import { endsRollout, withOnFail } from '../../plan/compiled/on-fail.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import { findDrift } from '../drift/find-drift.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { Drift } from '../interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../interface/watch.js';
import { lastPollState, nowMs, pollAgain } from '../temporal/polling.js';
import type { PollObservation, PollResult } from './judge-poll.js';
import type { JudgedWindows } from './judge-windows.js';

/**
 * The endpoint's observation (null: it does not exist), or the reason of a failed read, after which the poll
 * continues.
 */
export type EndpointSighting =
  | {
      kind: 'seen';
      observation: EndpointObservation | null;
      ownership: Drift | null;
      /** Message about a deleted config that does not keep the rollout from its next steps. Null: none. */
      deletedConfig: string | null;
    }
  | { kind: 'unseen'; reason: string };

/** AWS for a live rollout, a recording for a backtest. Times in milliseconds since the epoch. */
export interface WatchSources {
  readAlarms: (request: WatchRequest, nowMs: number) => Promise<Verdict[]>;
  observe: (request: WatchRequest) => Promise<EndpointSighting>;
  readStats: (
    request: WatchRequest,
    before: WatchState,
    nowMs: number,
  ) => Promise<Pick<WatchState, 'stats' | 'statsUntil'>>;
  judge: (
    request: WatchRequest,
    before: WatchState,
    seen: PollObservation,
    nowMs: number,
  ) => Promise<PollResult>;
  secondsToNextPoll: (request: WatchRequest, windows: JudgedWindows, nowMs: number) => number;
}

/** A round can last a day. Operators must know earlier that the rollout cannot see. */
const reportUnreadAfterMs = 5 * 60_000;

const initialWatchState: WatchState = {
  guardrails: {},
  alarms: [],
  comparisons: {},
  stats: [],
  observation: null,
};

export function createPollTraffic(sources: WatchSources): RolloutActivities['watchTraffic'] {
  return async (request): Promise<WatchReport> => {
    const now = nowMs();
    const before = lastPollState<WatchState>() ?? request.continued ?? initialWatchState;
    const reads = Promise.all([sources.observe(request), sources.readStats(request, before, now)]);
    // An alarm that fires must not wait for reads that can take the whole attempt, or fail.
    reads.catch(() => undefined);
    const alarms = withOnFail(request.guardrails, await sources.readAlarms(request, now));
    const firing = alarms.find(endsRollout);
    if (firing)
      return { kind: 'fail', message: firing.message, verdicts: alarms, state: { ...before, alarms } };
    const [sighting, stats] = await reads;
    const drift =
      sighting.kind === 'seen' && request.isChanging !== true
        ? (findDrift(sighting.observation, request) ?? sighting.ownership)
        : null;
    const seen = {
      alarms,
      drift: drift?.message ?? null,
      unseen: sighting.kind === 'seen' ? null : sighting.reason,
    };
    const { verdicts, conclusion, progress, windows } = await sources.judge(request, before, seen, now);
    const observation = sighting.kind === 'seen' ? sighting.observation : before.observation;
    const isUnread = sighting.kind === 'unseen' || verdicts.some(({ result }) => result === 'error');
    const sinceMs = before.unreadSince === undefined ? now : Date.parse(before.unreadSince);
    const isReportDue = isUnread && now - sinceMs >= reportUnreadAfterMs;
    const unreadSince = new Date(isReportDue ? now : sinceMs).toISOString();
    const state: WatchState = { ...progress, ...stats, observation, ...(isUnread && { unreadSince }) };
    const unseen = sighting.kind === 'unseen' ? { unseen: sighting.reason } : {};
    if (conclusion !== null) {
      const external = conclusion.kind === 'drift' && drift !== null ? { drift } : {};
      return { ...conclusion, ...external, ...unseen, verdicts, state };
    }
    if (isReportDue) return { kind: 'round', message: joinMessages(verdicts), ...unseen, verdicts, state };
    const problems = [
      drift?.message ?? null,
      sighting.kind === 'seen' ? sighting.deletedConfig : null,
      sighting.kind === 'unseen' ? `the endpoint cannot be read (${sighting.reason})` : null,
    ].filter((text) => text !== null);
    const message = [...problems, joinMessages(verdicts)].join('; ');
    const delaySeconds = sources.secondsToNextPoll(request, windows, now);
    return pollAgain(message, delaySeconds, state, problems.length === 0 && verdicts.length > 0);
  };
}
