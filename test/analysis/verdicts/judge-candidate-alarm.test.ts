import assert from 'node:assert/strict';
import type { MetricAlarmRule } from '../../../src/analysis/alarms/alarm-rule.js';
import {
  judgeCandidateAlarm,
  type CandidateAlarmReading,
} from '../../../src/analysis/verdicts/judge-candidate-alarm.js';
import { assertRunbookEntry } from '../../support/runbook.js';

const guardrail = { kind: 'candidateAlarm', id: 'x', alarmName: 'digits-5xx', endpoint: 'digits' } as const;
const minuteMs = 60_000;
const rule: MetricAlarmRule = {
  ...{ periodSeconds: 60, evaluationPeriods: 3, datapointsToAlarm: 2 },
  ...{ comparison: 'GreaterThanThreshold', threshold: 5, missingData: 'notBreaching', minimumSamples: null },
};

/** The values of the last minutes before minute 60. Null: no data. */
function read(values: (number | null)[], changes: Partial<MetricAlarmRule> = {}): CandidateAlarmReading {
  const fromMs = (60 - values.length) * minuteMs;
  const points = values.flatMap((value, i) =>
    value === null ? [] : [{ atMs: fromMs + i * minuteMs, value, samples: null }],
  );
  return { kind: 'read', rule: { ...rule, ...changes }, points, fromMs, toMs: 60 * minuteMs };
}

function judge(reading: CandidateAlarmReading, minutesSinceWeights = 60, servesSinceMs = 0) {
  const sinceMs = (60 - minutesSinceWeights) * minuteMs;
  return judgeCandidateAlarm(guardrail, reading, { sinceMs, servesSinceMs, dataDelayMs: 2 * minuteMs });
}

describe('judgeCandidateAlarm', () => {
  const cases: [what: string, CandidateAlarmReading, result: string, reason: string, message: string][] = [
    [
      'within the threshold',
      read([1, 1, 1, 1, 1]),
      'pass',
      'alarmOk',
      'alarm digits-5xx OK for the candidate',
    ],
    [
      'beyond it',
      read([1, 1, 7, 1, 6.54321]),
      'fail',
      'alarmFiring',
      'alarm digits-5xx is in ALARM for the candidate: 2 of 3 datapoints > 5, the newest 6.543',
    ],
    [
      'no data, which is breaching',
      read([null, null, null, null, null], { missingData: 'breaching' }),
      'fail',
      'alarmFiring',
      'alarm digits-5xx is in ALARM for the candidate: 0 of 3 datapoints > 5, 3 missing',
    ],
    [
      'no data, which is missing',
      read([null, null, null, null, null], { missingData: 'missing' }),
      'inconclusive',
      'alarmInsufficientData',
      'alarm digits-5xx has insufficient data for the candidate',
    ],
    ['no such alarm', { kind: 'missing' }, 'error', 'alarmMissing', 'alarm digits-5xx does not exist'],
    [
      'partial data',
      { kind: 'partial' },
      'inconclusive',
      'alarmNotEvaluated',
      'alarm digits-5xx is not evaluated (PARTIAL_DATA)',
    ],
    [
      'failed read',
      { kind: 'failed', reason: 'Throttled' },
      'error',
      'readError',
      'alarm digits-5xx cannot be read (Throttled)',
    ],
    [
      'unsuitable alarm',
      { kind: 'unsuitable', reason: 'it is a composite alarm' },
      'error',
      'alarmNotEvaluated',
      'alarm digits-5xx cannot be evaluated for the candidate: it is a composite alarm',
    ],
  ];
  for (const [what, reading, result, reason, message] of cases) {
    it(`alarm of the candidate: ${what} -> ${result}`, () => {
      const verdict = judge(reading);
      assert.deepEqual([verdict.result, verdict.reason, verdict.message], [result, reason, message]);
    });
  }

  it('alarm of the candidate: weights are younger than the evaluation periods -> no pass yet', () => {
    const early = judge(read([1, 1, 1, 1, 1]), 4);
    assert.deepEqual([early.result, early.reason], ['inconclusive', 'awaitingFirstWindow']);
    assert.equal(judge(read([1, 1, 1, 1, 1]), 5).result, 'pass');
  });

  it('alarm of the candidate: new weights, no data, which is breaching -> no alarm yet', () => {
    const nothing = read([null, null, null, null, null], { missingData: 'breaching' });
    assert.equal(judge(nothing, 4).result, 'inconclusive');
    assert.equal(judge(nothing, 5).result, 'fail');
  });

  it('alarm of the candidate: new weights, but data that breaches -> fails at once', () => {
    const { result, message } = judge(read([null, null, null, 7, 7]), 1);
    assert.equal(result, 'fail');
    assertRunbookEntry(message, 'alarm X is in ALARM for the candidate: ...');
  });

  it("alarm of the candidate: data of an earlier rollout's variant with its name -> does not count", () => {
    const earlier = read([7, 7, 7, null, null]);
    assert.equal(judge(earlier, 1).result, 'fail');
    assert.equal(judge(earlier, 1, 58 * minuteMs).reason, 'awaitingFirstWindow');
    const kept = read([1, 1, 1, null, null, null, null, null, null], { missingData: 'ignore' });
    assert.equal(judge(kept, 60).result, 'pass');
    assert.equal(judge(kept, 5, 55 * minuteMs).reason, 'alarmInsufficientData');
  });

  for (const missingData of ['missing', 'ignore'] as const)
    it(`alarm of the candidate: data only of the weights before (${missingData}) -> no pass`, () => {
      const at = (minutes: number[]): CandidateAlarmReading => ({
        ...{ kind: 'read', rule: { ...rule, periodSeconds: 300, missingData } },
        ...{ fromMs: 35 * minuteMs, toMs: 60 * minuteMs },
        points: minutes.map((minute) => ({ atMs: minute * minuteMs, value: 1, samples: null })),
      });
      const { result, reason } = judge(at([35, 40]), 17);
      assert.deepEqual([result, reason], ['inconclusive', 'alarmInsufficientData']);
      assert.equal(judge(at([35, 40, 45]), 17).result, 'pass');
    });
});
