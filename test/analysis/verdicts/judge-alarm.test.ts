import assert from 'node:assert/strict';
import { judgeAlarm, type AlarmReading } from '../../../src/analysis/verdicts/judge-alarm.js';
import { assertRunbookEntry } from '../../support/runbook.js';

const guardrail = { kind: 'alarm', id: 'alarm-digits-5xx', alarmName: 'digits-5xx' } as const;

function alarm(state: string, evaluationState: string | null = null): AlarmReading {
  return { kind: 'alarm', state, evaluationState, stateReason: null, since: null };
}

describe('judgeAlarm', () => {
  const cases: [AlarmReading, string, string, string][] = [
    [alarm('OK'), 'pass', 'alarmOk', 'alarm digits-5xx OK'],
    [alarm('ALARM'), 'fail', 'alarmFiring', 'alarm digits-5xx is in ALARM'],
    [alarm('ALARM', 'PARTIAL_DATA'), 'fail', 'alarmFiring', 'alarm digits-5xx is in ALARM'],
    [
      alarm('INSUFFICIENT_DATA'),
      'inconclusive',
      'alarmInsufficientData',
      'alarm digits-5xx has insufficient data',
    ],
    [
      alarm('OK', 'EVALUATION_ERROR'),
      'inconclusive',
      'alarmNotEvaluated',
      'alarm digits-5xx is not evaluated (EVALUATION_ERROR)',
    ],
    [
      alarm('INSUFFICIENT_DATA', 'EVALUATION_FAILURE'),
      'inconclusive',
      'alarmNotEvaluated',
      'alarm digits-5xx is not evaluated (EVALUATION_FAILURE)',
    ],
    [
      alarm('INSUFFICIENT_DATA', 'IN_WARM_UP'),
      'inconclusive',
      'alarmInsufficientData',
      'alarm digits-5xx has insufficient data',
    ],
    [alarm('NEW_STATE'), 'error', 'readError', 'alarm digits-5xx is in the unknown state NEW_STATE'],
    [{ kind: 'missing' }, 'error', 'alarmMissing', 'alarm digits-5xx does not exist'],
    [
      { kind: 'failed', reason: 'Throttling', isTransient: true },
      'error',
      'readError',
      'alarm digits-5xx cannot be read (Throttling)',
    ],
    [
      { kind: 'odd' } as unknown as AlarmReading,
      'error',
      'readError',
      'alarm digits-5xx cannot be judged ({"kind":"odd"})',
    ],
  ];
  for (const [reading, result, reason, message] of cases) {
    it(`judgeAlarm: ${JSON.stringify(reading)} -> ${result}`, () => {
      const verdict = judgeAlarm(guardrail, reading);
      assert.deepEqual([verdict.result, verdict.reason, verdict.message], [result, reason, message]);
    });
  }

  it('judgeAlarm: alarm not evaluated -> message as in the runbook', () => {
    const { message } = judgeAlarm(guardrail, alarm('OK', 'EVALUATION_ERROR'));
    assertRunbookEntry(message, 'alarm X is not evaluated (...)');
  });

  it('judgeAlarm: firing alarm -> message with start and reason', () => {
    const reading = {
      ...alarm('ALARM'),
      since: '2026-11-02T12:00:00Z',
      stateReason: '3 errors',
    } as AlarmReading;
    assert.equal(
      judgeAlarm(guardrail, reading).message,
      'alarm digits-5xx is in ALARM since 2026-11-02T12:00:00Z: 3 errors',
    );
  });
});
