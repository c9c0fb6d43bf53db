import { ApplicationFailure } from '@temporalio/common';
import { judgeAlarm } from '../../analysis/verdicts/judge-alarm.js';
import { judgeCandidateAlarm } from '../../analysis/verdicts/judge-candidate-alarm.js';
import { endsRollout, withOnFail } from '../../plan/compiled/on-fail.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { AlarmReader } from '../alarms/alarm-reader.js';
import type { CandidateAlarmReader } from '../alarms/candidate-alarms.js';
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

/** As for the windows of metrics. */
const dataDelayPeriods = 2;

interface WatchDeps extends RouterDeps {
  alarms: AlarmReader;
  candidateAlarms: CandidateAlarmReader;
  metrics: MetricReader;
  pollSeconds: number;
}

/** Each attempt checks alarms, drift and metric windows in AWS. */
export function createWatchTraffic(deps: WatchDeps): RolloutActivities['watchTraffic'] {
  const { metrics, pollSeconds } = deps;
  return createPollTraffic({
    readAlarms: (request, nowMs) => readAlarms(deps, request, nowMs),
    observe: (request) => observeTraffic(deps, request),
    readStats: (request, before, nowMs) => readStats(metrics, request, before, nowMs),
    judge: (request, before, seen, nowMs) => judgePoll(metrics, request, before, seen, nowMs),
    secondsToNextPoll: (request, windows, nowMs) => secondsToNextPoll(request, windows, nowMs, pollSeconds),
  });
}

/** An alarm that fires must not wait for the metrics of others. */
async function readAlarms(
  { alarms, candidateAlarms }: WatchDeps,
  request: WatchRequest,
  nowMs: number,
): Promise<Verdict[]> {
  const ofCandidate = judgeCandidateAlarms(candidateAlarms, request, nowMs);
  ofCandidate.catch(() => undefined);
  const asDefined = await Promise.all(
    request.guardrails
      .filter((guardrail) => guardrail.kind === 'alarm')
      .map(async (guardrail) => judgeAlarm(guardrail, await alarms.readAlarm(guardrail.alarmName))),
  );
  if (withOnFail(request.guardrails, asDefined).some(endsRollout)) return asDefined;
  return [...asDefined, ...(await ofCandidate)];
}

function judgeCandidateAlarms(
  reader: CandidateAlarmReader,
  request: WatchRequest,
  nowMs: number,
): Promise<Verdict[]> {
  const {
    guardrails,
    traffic,
    since,
    weightsSince = since,
    servesSince = since,
    metricPeriodSeconds,
  } = request;
  const { candidate } = traffic.arms;
  const times = {
    sinceMs: Date.parse(weightsSince),
    servesSinceMs: Date.parse(servesSince),
    dataDelayMs: dataDelayPeriods * metricPeriodSeconds * 1000,
  };
  return Promise.all(
    guardrails
      .filter((guardrail) => guardrail.kind === 'candidateAlarm')
      .map(async (guardrail) =>
        judgeCandidateAlarm(guardrail, await reader.readFor(guardrail, candidate, nowMs), times),
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
