import assert from 'node:assert/strict';
import {
  missingDataTreatments,
  type AlarmDatapoint,
  type MetricAlarmRule,
  type EvaluatedState,
} from '../../../src/analysis/alarms/alarm-rule.js';
import {
  evaluateAlarm,
  evaluateRange,
  evaluationRangeMs,
} from '../../../src/analysis/alarms/evaluate-alarm.js';

const rule: MetricAlarmRule = {
  periodSeconds: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  missingData: 'missing',
  minimumSamples: null,
};
const minuteMs = 60_000;
const none = 'INSUFFICIENT_DATA';
const kept = 'kept';

/** `0` is within the threshold, `X` breaches it, `-` is missing. Oldest first, as in the user guide. */
function pointsOf(text: string): (AlarmDatapoint | null)[] {
  return text
    .split(' ')
    .map((sign, i) =>
      sign === '-' ? null : { atMs: i * minuteMs, value: sign === 'X' ? 6 : 5, samples: 1 },
    );
}

/** The state, or `kept` if it is the current one, whichever that is. */
function stateBy(changes: Partial<MetricAlarmRule>, text: string): string {
  const states = (['OK', 'ALARM', none] as EvaluatedState[]).map(
    (current) => evaluateRange({ ...rule, ...changes }, pointsOf(text), { current, fills: true }).state,
  );
  return new Set(states).size === 1 ? (states[0] ?? '') : kept;
}

describe('alarm rule', () => {
  /**
   * The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html: the range,
   * M of 3, and the states with the treatments missing, ignore, breaching, notBreaching.
   */
  const documented: [range: string, datapointsToAlarm: number, states: string[]][] = [
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, [none, kept, 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', kept, 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, ['ALARM', kept, 'ALARM', 'OK']],
  ];
  for (const [range, datapointsToAlarm, states] of documented) {
    it(`alarm rule: ${range}, ${datapointsToAlarm} out of 3 -> the states of the user guide`, () => {
      const found = missingDataTreatments.map((missingData) =>
        stateBy({ datapointsToAlarm, missingData }, range),
      );
      assert.deepEqual(found, states);
    });
  }

  it('alarm rule: the only breaching datapoint is younger than M periods -> no alarm yet', () => {
    assert.equal(stateBy({}, '- - - - X'), none);
    assert.equal(stateBy({}, '- - - X X'), none);
    assert.equal(stateBy({}, '- - X - X'), 'ALARM');
  });

  it('alarm rule: each comparison operator -> the threshold itself counts only with OrEqual', () => {
    const single = { evaluationPeriods: 1, datapointsToAlarm: 1 };
    const states = (
      [
        'GreaterThanThreshold',
        'GreaterThanOrEqualToThreshold',
        'LessThanThreshold',
        'LessThanOrEqualToThreshold',
      ] as const
    ).map((comparison) => ['0', 'X'].map((text) => stateBy({ ...single, comparison }, text)));
    assert.deepEqual(states, [
      ['OK', 'ALARM'],
      ['ALARM', 'ALARM'],
      ['OK', 'OK'],
      ['ALARM', 'OK'],
    ]);
  });

  it('alarm rule: filled datapoints -> counted for breaching and notBreaching only', () => {
    const filled = missingDataTreatments.map(
      (missingData) =>
        evaluateRange({ ...rule, missingData }, pointsOf('- - X - -'), { current: 'OK', fills: true }).filled,
    );
    assert.deepEqual(filled, [0, 0, 2, 2]);
  });

  it('alarm rule: too few samples for the percentile -> the state stays', () => {
    assert.equal(stateBy({ minimumSamples: 4 }, '0 0 X X X'), kept);
    assert.equal(stateBy({ minimumSamples: 3 }, '0 0 X X X'), 'ALARM');
  });
});

/** The state at the end of the text, whose first sign is the period at time 0. */
function stateAt(changes: Partial<MetricAlarmRule>, text: string, fillsFromMinutes = 0): string {
  const points = pointsOf(text).filter((point) => point !== null);
  const toMs = text.split(' ').length * minuteMs;
  const times = { fromMs: 0, toMs, fillsFromMs: fillsFromMinutes * minuteMs };
  return evaluateAlarm({ ...rule, ...changes }, points, times).state;
}

describe('alarm over time', () => {
  const ignore = { missingData: 'ignore' } as const;

  it('alarm over time: ignore, no data any more -> the state of the last data', () => {
    assert.equal(stateAt(ignore, '0 0 0 - - - - - - - -'), 'OK');
    assert.equal(stateAt(ignore, 'X X X - - - - - - - -'), 'ALARM');
    assert.equal(stateAt(ignore, 'X X X - - - 0 - - - -'), 'OK');
  });

  it('alarm over time: ignore, never any data -> insufficient data', () => {
    assert.equal(stateAt(ignore, '- - - - - - - -'), none);
  });

  it('alarm over time: too few datapoints breach before missing data is filled -> no alarm', () => {
    const two = { datapointsToAlarm: 2 };
    assert.equal(stateAt({ ...two, missingData: 'notBreaching' }, '- - X - -', 6), none);
    assert.equal(stateAt({ ...two, missingData: 'breaching' }, '- - X - -', 6), none);
    assert.equal(stateAt({ ...two, missingData: 'missing' }, '- - X - -', 6), 'ALARM');
  });

  it('alarm over time: missing data before it is filled -> insufficient data', () => {
    assert.equal(stateAt({ missingData: 'breaching' }, '- - - - -', 6), none);
    assert.equal(stateAt({ missingData: 'breaching' }, '- - - - -', 5), 'ALARM');
    assert.equal(stateAt({ missingData: 'notBreaching' }, '- - - - -', 6), none);
    assert.equal(stateAt({ missingData: 'notBreaching' }, '- - X X X', 6), 'ALARM');
  });

  it('alarm over time: range -> two periods more than the rule evaluates', () => {
    assert.equal(evaluationRangeMs(rule), 5 * minuteMs);
    assert.equal(stateAt({}, '0 - - - -'), 'OK');
    assert.equal(stateAt({}, '0 - - - - -'), none);
  });
});
