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

/**
 * The endpoint's observation (null: it does not exist), or the reason of a failed read, after which the poll
 * continues.
 */
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

/**
 * Each attempt checks alarms, drift and metric windows. It reports if something is decided; else it throws
 * InProgress.
 */
export function createWatchTraffic(deps: WatchDeps): RolloutActivities['watchTraffic'] {
  return async (request): Promise<WatchReport> => {
    const now = nowMs();
    const before = lastPollState<WatchState>() ?? request.continued ?? initialWatchState;
    const [alarms, sighting, stats] = await Promise.all([
      readAlarms(deps.alarms, request),
      observeTraffic(deps, request),
      readStats(deps.metrics, request, before, now),
    ]);
    const drift =
      sighting.kind === 'seen' ? (findDrift(sighting.observation, request) ?? sighting.ownership) : null;
    const seen = { alarms, drift: drift?.message ?? null, endpointSeen: sighting.kind === 'seen' };
    const { verdicts, conclusion, progress, windows } = await judgePoll(
      deps.metrics,
      request,
      before,
      seen,
      now,
    );
    const observation = sighting.kind === 'seen' ? sighting.observation : before.observation;
    const state: WatchState = { ...progress, ...stats, observation };
    if (conclusion !== null) {
      const external = conclusion.kind === 'drift' && drift !== null ? { drift } : {};
      return { ...conclusion, ...external, verdicts, state };
    }
    const problems = [
      drift?.message ?? null,
      sighting.kind === 'unseen' ? `the endpoint cannot be read (${sighting.reason})` : null,
    ].filter((text) => text !== null);
    const message = [...problems, joinMessages(verdicts)].join('; ');
    const delaySeconds = secondsToNextPoll(request, windows, now, deps.pollSeconds);
    return pollAgain(message, delaySeconds, state, problems.length === 0 && verdicts.length > 0);
  };
}

function readAlarms(alarms: AlarmReader, { guardrails }: WatchRequest): Promise<Verdict[]> {
  const alarmGuardrails = guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  return Promise.all(
    alarmGuardrails.map(async (guardrail) =>
      judgeAlarm(guardrail, await alarms.readAlarm(guardrail.alarmName)),
    ),
  );
}

const transientFailures: FailureType[] = ['Throttled', 'Unavailable', 'Busy'];

/** A transient read failure must not keep the poll from judging the alarms. */
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
    if (error instanceof ApplicationFailure && transientFailures.some((type) => type === error.type)) {
      return { kind: 'unseen', reason: error.message };
    }
    throw error;
  }
}
