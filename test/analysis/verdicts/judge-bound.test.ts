import assert from 'node:assert/strict';
import {
  awaitingFirstWindow,
  judgeBound,
  tooFewRequests,
  type BoundJudgement,
  type Measurement,
} from '../../../src/analysis/verdicts/judge-bound.js';
import { errorRateGuardrail } from './guardrails.js';

const from = Date.parse('2026-11-02T12:02:00Z');

function judgement(changes: Partial<BoundJudgement> = {}): BoundJudgement {
  return {
    guardrail: errorRateGuardrail(),
    span: { fromMs: from, toMs: from + 60_000, firstWindow: 3, lastWindow: 3 },
    requests: 500,
    windowsJudged: 3,
    windowsPlanned: 6,
    ...changes,
  };
}

describe('judgeBound', () => {
  const cases: [string, Measurement, string, string, string][] = [
    [
      'a value below the bound',
      { kind: 'value', value: 0.42 },
      'pass',
      'withinBound',
      'error rate 0.42 % < 1 %, window 3 of 6',
    ],
    ['zero', { kind: 'value', value: 0 }, 'pass', 'withinBound', 'error rate 0 % < 1 %, window 3 of 6'],
    [
      'a value above the bound',
      { kind: 'value', value: 7.1 },
      'fail',
      'outOfBound',
      'error rate 7.1 % is not < 1 %, window 3 of 6',
    ],
    [
      'the bound itself',
      { kind: 'value', value: 1 },
      'fail',
      'outOfBound',
      'error rate 1 % is not < 1 %, window 3 of 6',
    ],
    [
      'a value slightly below the bound',
      { kind: 'value', value: 0.9996 },
      'pass',
      'withinBound',
      'error rate 0.9996 % < 1 %, window 3 of 6',
    ],
    ['no data', { kind: 'absent' }, 'inconclusive', 'noData', 'error rate: no data for window 3 of 6'],
    [
      'partial data',
      { kind: 'partial' },
      'inconclusive',
      'partialData',
      'error rate: the data for window 3 of 6 is partial',
    ],
    [
      'data that is not a number',
      { kind: 'notANumber' },
      'inconclusive',
      'noData',
      'error rate: the data for window 3 of 6 is not a number',
    ],
    [
      'NaN as a value',
      { kind: 'value', value: NaN },
      'inconclusive',
      'noData',
      'error rate: the data for window 3 of 6 is not a number',
    ],
    [
      'infinity',
      { kind: 'value', value: Infinity },
      'inconclusive',
      'noData',
      'error rate: the data for window 3 of 6 is not a number',
    ],
    [
      'a failing read',
      { kind: 'failed', reason: 'Forbidden' },
      'error',
      'readError',
      'error rate: cannot be read (Forbidden), window 3 of 6',
    ],
  ];
  for (const [name, measured, result, reason, message] of cases) {
    it(`judgeBound: ${name} -> ${result}`, () => {
      const verdict = judgeBound(judgement(), measured);
      assert.deepEqual([verdict.result, verdict.reason, verdict.message], [result, reason, message]);
    });
  }

  it('judgeBound: direction above -> fails at or below the bound', () => {
    const guardrail = errorRateGuardrail({ direction: 'above', bound: 2.5, label: 'conversion' });
    const above = judgeBound(judgement({ guardrail }), { kind: 'value', value: 3 });
    assert.equal(above.message, 'conversion 3 % > 2.5 %, window 3 of 6');
    assert.equal(above.result, 'pass');
    assert.equal(judgeBound(judgement({ guardrail }), { kind: 'value', value: 2.5 }).result, 'fail');
  });

  it('judgeBound: value -> evidence with span, value and bound', () => {
    assert.deepEqual(judgeBound(judgement(), { kind: 'value', value: 0.42 }).evidence, {
      from: '2026-11-02T12:02:00.000Z',
      to: '2026-11-02T12:03:00.000Z',
      requests: 500,
      value: 0.42,
      bound: 1,
      unit: 'percent',
      windowsJudged: 3,
      windowsPlanned: 6,
    });
  });

  it('judgeBound: unknown kind of measurement -> error', () => {
    const unheardOf = { kind: 'guessed', value: 0 } as unknown as Measurement;
    assert.equal(judgeBound(judgement(), unheardOf).result, 'error');
  });

  it('judgeBound: joined windows, and windows beyond the plan -> named in the message', () => {
    const span = { fromMs: from, toMs: from + 180_000, firstWindow: 2, lastWindow: 4 };
    const together = judgeBound(judgement({ span }), { kind: 'value', value: 0 });
    assert.match(together.message, /windows 2-4 of 6$/);
    const beyond = judgeBound(judgement({ span: { ...span, firstWindow: 8, lastWindow: 8 } }), {
      kind: 'absent',
    });
    assert.match(beyond.message, /window 8$/);
  });

  it('judgeBound: too few requests, or no window yet -> inconclusive', () => {
    const few = tooFewRequests(judgement({ requests: 12 }));
    assert.equal(few.message, 'error rate: 12 of 100 requests, window 3 of 6');
    assert.equal(few.result, 'inconclusive');
    assert.equal(awaitingFirstWindow(judgement()).result, 'inconclusive');
  });
});
