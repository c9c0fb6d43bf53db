import assert from 'node:assert/strict';
import {
  judgeAlarmDatapoints,
  lowSampleCount,
} from '../../../src/emulator/cloudwatch/alarms/alarm-verdict.js';
import type { AlarmState } from '../../../src/emulator/cloudwatch/alarms/alarm-state.js';

const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
/** Stands for the current state of the alarm, in the tables. */
const kept = 'kept';

/** `0` is within the threshold, `X` beyond it, `-` missing. Oldest first, as in the user guide. */
function judgeText(
  range: string,
  datapointsToAlarm: number,
  missingData: (typeof treatments)[number],
): string {
  const criteria = {
    evaluationPeriods: 3,
    datapointsToAlarm,
    missingData,
    breaches: (value: number) => value > 0,
  };
  const points = range.split(' ').map((sign) => (sign === '-' ? null : { value: sign === 'X' ? 1 : 0 }));
  const states = new Set(
    (['OK', 'ALARM', 'INSUFFICIENT_DATA'] as AlarmState[]).map((current) => {
      const { state } = judgeAlarmDatapoints(criteria, points, current);
      return state === current ? `${state} from itself` : state;
    }),
  );
  const plain = [...states].map((state) => state.replace(' from itself', ''));
  return new Set(plain).size === 1 ? (plain[0] ?? '') : kept;
}

describe('alarm evaluation', () => {
  const none = 'INSUFFICIENT_DATA';
  // Source of the two tables: "Configuring how CloudWatch alarms treat missing data".
  const rows: [range: string, datapointsToAlarm: number, expected: string[]][] = [
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, [none, kept, 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', kept, 'ALARM', 'OK']],
    ['- - - - X', 3, [none, kept, 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, ['ALARM', kept, 'ALARM', 'OK']],
  ];
  for (const [range, datapointsToAlarm, expected] of rows) {
    it(`alarm verdict: ${range}, ${datapointsToAlarm} out of 3 -> the states of the user guide`, () => {
      const states = treatments.map((treatment) => judgeText(range, datapointsToAlarm, treatment));
      assert.deepEqual(states, expected);
    });
  }

  it('alarm verdict: the first breaching datapoint is younger than M periods -> waits for the next one', () => {
    assert.equal(judgeText('- - - X -', 3, 'missing'), none);
    assert.equal(judgeText('- - - X X', 3, 'missing'), none);
    assert.equal(judgeText('- - X - X', 3, 'missing'), 'ALARM');
  });

  it('alarm verdict: no missing data -> only the newest N datapoints count', () => {
    assert.equal(judgeText('X X 0 X 0', 2, 'breaching'), 'OK');
    assert.equal(judgeText('0 0 X X 0', 2, 'notBreaching'), 'ALARM');
  });

  it('low sample count: percentiles -> the documented bounds', () => {
    assert.equal(Math.round(lowSampleCount(99)), 1000);
    assert.equal(Math.round(lowSampleCount(50)), 20);
    assert.equal(Math.round(lowSampleCount(10)), 100);
  });
});
