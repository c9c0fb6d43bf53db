/** Statuses as examples for tests: a rollout in its second bake, four minutes in. */
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import type { LiveStatus } from '../../../src/client.js';

export const now = Date.parse('2026-11-23T12:00:00.000Z');

export function bakingStatus(change: Partial<LiveStatus> = {}): LiveStatus {
  return {
    rolloutId: 'digits-0a1b2c3d',
    endpoint: 'digits',
    strategy: 'canary',
    phase: 'baking',
    outcome: null,
    reason: 'watching the candidate at 5 %',
    step: { n: 2, of: 5 },
    paused: false,
    gate: null,
    hold: null,
    watch: { mode: 'baking', need: 'allKnown', since: '2026-11-23T11:56:00.000Z' },
    waitingFor: { what: 'every window of the bake to pass', until: '2026-11-23T12:26:00.000Z' },
    warnings: [],
    jobs: [
      {
        role: 'candidate',
        jobName: 'digits-0a1b2c3d-b',
        state: 'done',
        message: 'accuracy 0.97 after 12 min',
      },
    ],
    variants: [
      {
        role: 'baseline',
        name: 'AllTraffic',
        modelName: 'digits-2025',
        version: null,
        setWeight: 95,
        actualWeight: 95,
        count: 2,
        requests: 12_345,
        errors: 3,
        p99Ms: 41.23,
      },
      {
        role: 'candidate',
        name: 'b-0a1b2c3d',
        modelName: 'digits-0a1b2c3d-b',
        version: null,
        setWeight: 5,
        actualWeight: 5,
        count: 2,
        requests: 650,
        errors: 1,
        p99Ms: 39,
      },
    ],
    verdicts: [
      verdictOf('alarm:digits-5xx', 'pass', 'alarmOk', 'alarm digits-5xx is OK'),
      verdictOf('errorRate', 'pass', 'withinBound', 'error rate 0.42 % < 1 %, window 3 of 6'),
    ],
    observation: {
      at: '2026-11-23T11:59:50.000Z',
      status: 'InService',
      configName: 'digits-0a1b2c3d-ab',
      failureReason: null,
      variants: [],
    },
    startedBy: 'ada@laptop',
    startedAt: '2026-11-23T10:55:00.000Z',
    phaseSince: '2026-11-23T11:56:00.000Z',
    workflowId: 'rollout:digits',
    runId: 'run-1',
    execution: 'running',
    historyEvents: 64,
    pending: [
      {
        activity: 'watchTraffic',
        attempt: 9,
        message: 'alarm digits-5xx is OK; error rate 0.42 % < 1 %, window 3 of 6',
        failureType: 'InProgress',
        nextTryAt: '2026-11-23T12:00:20.000Z',
        isRepeated: true,
      },
    ],
    ...change,
  };
}

export function endedStatus(change: Partial<LiveStatus> = {}): LiveStatus {
  return bakingStatus({
    phase: 'ended',
    outcome: 'promoted',
    reason: 'the candidate serves all traffic',
    execution: 'completed',
    waitingFor: null,
    watch: null,
    pending: [],
    ...change,
  });
}

export function verdictOf(
  guardrail: string,
  result: Verdict['result'],
  reason: Verdict['reason'],
  message: string,
): Verdict {
  const alarm = guardrail.startsWith('alarm:');
  return {
    guardrail,
    result,
    reason,
    message,
    evidence: {
      from: alarm ? null : '2026-11-23T11:56:00.000Z',
      to: alarm ? null : '2026-11-23T11:59:00.000Z',
      requests: alarm ? null : 650,
      value: alarm ? null : 0.42,
      bound: alarm ? null : 1,
      unit: alarm ? null : 'percent',
      windowsJudged: alarm ? 0 : 3,
      windowsPlanned: alarm ? 0 : 6,
    },
    algorithm: alarm ? 'alarm/1' : 'bound/1',
  };
}
