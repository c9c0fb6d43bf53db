import { ApplicationFailure } from '@temporalio/common';
import { judgeAlarm } from '../../analysis/verdicts/judge-alarm.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { AlarmReader } from '../metrics/alarms.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { FailureType } from '../interface/failure-type.js';
import type { WatchRequest } from '../interface/watch.js';
import { judgePoll } from './judge-poll.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import { findDeletedConfig, findOwnershipDrift } from '../drift/ownership-drift.js';
import { createRouter } from '../traffic/create-router.js';
import type { RouterDeps } from '../traffic/router.js';
import { readStats } from '../metrics/variant-stats.js';
import { secondsToNextPoll } from './judge-windows.js';
import { createPollTraffic, type EndpointSighting } from './poll-traffic.js';

interface WatchDeps extends RouterDeps {
  alarms: AlarmReader;
  metrics: MetricReader;
  pollSeconds: number;
}

/** Each attempt checks alarms, drift and metric windows in AWS. */
export function createWatchTraffic(deps: WatchDeps): RolloutActivities['watchTraffic'] {
  const { alarms, metrics, pollSeconds } = deps;
  return createPollTraffic({
    readAlarms: (request) => readAlarms(alarms, request),
    observe: (request) => observeTraffic(deps, request),
    readStats: (request, before, nowMs) => readStats(metrics, request, before, nowMs),
    judge: (request, before, seen, nowMs) => judgePoll(metrics, request, before, seen, nowMs),
    secondsToNextPoll: (request, windows, nowMs) => secondsToNextPoll(request, windows, nowMs, pollSeconds),
  });
}

function readAlarms(alarms: AlarmReader, { guardrails }: WatchRequest): Promise<Verdict[]> {
  const alarmGuardrails = guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  return Promise.all(
    alarmGuardrails.map(async (guardrail) =>
      judgeAlarm(guardrail, await alarms.readAlarm(guardrail.alarmName)),
    ),
  );
}

/** `AccessDenied` can be the credentials of one worker. */
const failuresOfReading: FailureType[] = ['Throttled', 'Unavailable', 'Busy', 'AccessDenied'];

/** An endpoint that cannot be read holds the rollout. It must not keep the poll from judging the windows. */
async function observeTraffic(
  deps: WatchDeps,
  { rolloutId, traffic, servedBefore }: WatchRequest,
): Promise<EndpointSighting> {
  try {
    const [observation, ownership, deletedConfig] = await Promise.all([
      createRouter(deps, traffic).readWeights(),
      findOwnershipDrift(deps.sagemaker, rolloutId, traffic),
      servedBefore === undefined ? null : findDeletedConfig(deps.sagemaker, servedBefore),
    ]);
    return { kind: 'seen', observation, ownership, deletedConfig };
  } catch (error) {
    if (error instanceof ApplicationFailure && failuresOfReading.some((type) => type === error.type)) {
      return { kind: 'unseen', reason: error.message };
    }
    throw error;
  }
}
