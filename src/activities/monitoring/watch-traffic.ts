import { ApplicationFailure } from '@temporalio/common';
import { joinMessages } from '../../analysis/verdicts/conclude-poll.js';
import { judgeAlarm } from '../../analysis/verdicts/judge-alarm.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { AlarmReader } from '../metrics/alarms.js';
import { lastPollState, nowMs, pollAgain } from '../temporal/polling.js';
import { findDrift } from '../drift/find-drift.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { FailureType } from '../interface/failure-type.js';
import type { Drift } from '../interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../interface/watch.js';
import { judgePoll } from './judge-poll.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import { findOwnershipDrift } from '../drift/ownership-drift.js';
import { createRouter } from '../traffic/create-router.js';
import type { RouterDeps } from '../traffic/router.js';
import { readStats } from '../metrics/variant-stats.js';
import { secondsToNextPoll } from './judge-windows.js';

interface WatchDeps extends RouterDeps {
  alarms: AlarmReader;
  metrics: MetricReader;
  pollSeconds: number;
}

/** What was seen of the endpoint: an observation, its absence, or a failing read that the look survives. */
type EndpointSighting =
  | { kind: 'seen'; observation: EndpointObservation | null; ownership: Drift | null }
  | { kind: 'unseen'; reason: string };

const initialWatchState: WatchState = {
  guardrails: {},
  alarms: [],
  comparisons: {},
  stats: [],
  observation: null,
};

/** One look: alarms, drift, metric windows. Reports where something is decided; else throws Watching. */
export function createWatchTraffic(deps: WatchDeps): RolloutActivities['watchTraffic'] {
  return async (request): Promise<WatchReport> => {
    const now = nowMs();
    const before = lastPollState<WatchState>() ?? request.continued ?? initialWatchState;
    const [alarms, sight, stats] = await Promise.all([
      readAlarms(deps.alarms, request),
      observeTraffic(deps, request),
      readStats(deps.metrics, request, now),
    ]);
    const drift = sight.kind === 'seen' ? (findDrift(sight.observation, request) ?? sight.ownership) : null;
    const seen = { alarms, drift: drift?.message ?? null, endpointSeen: sight.kind === 'seen' };
    const { verdicts, conclusion, progress, windows } = await judgePoll(
      deps.metrics,
      request,
      before,
      seen,
      now,
    );
    const observation = sight.kind === 'seen' ? sight.observation : before.observation;
    const state: WatchState = { ...progress, stats, observation };
    if (conclusion !== null) {
      const found = conclusion.kind === 'drift' && drift !== null ? { drift } : {};
      return { ...conclusion, ...found, verdicts, state };
    }
    const trouble = [
      drift?.message ?? null,
      sight.kind === 'unseen' ? `endpoint cannot be read (${sight.reason})` : null,
    ].filter((text) => text !== null);
    const message = [...trouble, joinMessages(verdicts)].join('; ');
    const delaySeconds = secondsToNextPoll(request, windows, now, deps.pollSeconds);
    return pollAgain(message, delaySeconds, state, trouble.length === 0 && verdicts.length > 0);
  };
}

function readAlarms(alarms: AlarmReader, { guardrails }: WatchRequest): Promise<Verdict[]> {
  const wanted = guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  return Promise.all(
    wanted.map(async (guardrail) => judgeAlarm(guardrail, await alarms.readAlarm(guardrail.alarmName))),
  );
}

const passing: FailureType[] = ['Throttled', 'Unavailable', 'Busy'];

/** A read that fails in passing must not keep the alarms from being judged. */
async function observeTraffic(
  deps: WatchDeps,
  { rolloutId, traffic }: WatchRequest,
): Promise<EndpointSighting> {
  try {
    const [observation, ownership] = await Promise.all([
      createRouter(deps, traffic).readWeights(),
      findOwnershipDrift(deps.sagemaker, rolloutId, traffic),
    ]);
    return { kind: 'seen', observation, ownership };
  } catch (error) {
    if (error instanceof ApplicationFailure && passing.some((type) => type === error.type)) {
      return { kind: 'unseen', reason: error.message };
    }
    throw error;
  }
}
