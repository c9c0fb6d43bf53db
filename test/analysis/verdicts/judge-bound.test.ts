import assert from 'node:assert/strict';
import {
  awaitingFirstWindow,
  judgeBound,
  tooFewRequests,
} from '../../../src/analysis/verdicts/judge-bound.js';
import type {
  BoundJudgement,
  BoundMemory,
  Measurement,
} from '../../../src/analysis/verdicts/bound-judgement.js';
import type { BoundRule } from '../../../src/plan/compiled/guardrail.js';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import { errorRateGuardrail } from './guardrails.js';

const from = Date.parse('2026-11-02T12:02:00Z');

function judgement(changes: Partial<BoundJudgement> = {}): BoundJudgement {
  return {
    guardrail: errorRateGuardrail(),
    span: { fromMs: from, toMs: from + 60_000, firstWindow: 3, lastWindow: 3 },
    requests: 500,
    windowsJudged: 3,
    windowsPlanned: 6,
    test: { alpha: 0.01, plannedWindows: 120 },
    ...changes,
  };
}

/** One window decides. */
const strict = errorRateGuardrail({ rule: { kind: 'windows', failures: 1, of: 1 } });

/** The verdicts on windows 1, 2, ... of a stage of six, each with its value. */
function judgeWindows(guardrail: BoundJudgement['guardrail'], measured: Measurement[]): Verdict[] {
  let memory: BoundMemory | null = null;
  return measured.map((one, i) => {
    const fromMs = from + i * 60_000;
    const span = { fromMs, toMs: fromMs + 60_000, firstWindow: i + 1, lastWindow: i + 1 };
    const judged = judgeBound(judgement({ guardrail, span }), one, memory);
    memory = judged.memory ?? memory;
    return judged.verdict;
  });
}

function rateOf(events: number, requests: number): Measurement {
  return { kind: 'value', value: (100 * events) / requests, counts: { events, requests } };
}

function textsOf(verdicts: Verdict[]): string[] {
  return verdicts.map(({ result, message }) => `${result}: ${message}`);
}

describe('judgeBound: strict', () => {
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
      const { verdict } = judgeBound(judgement({ guardrail: strict }), measured, null);
      assert.deepEqual([verdict.result, verdict.reason, verdict.message], [result, reason, message]);
    });
  }

  it('judgeBound: direction above -> fails at or below the bound', () => {
    const guardrail = { ...strict, direction: 'above' as const, bound: 2.5, label: 'conversion' };
    const [above, at] = [3, 2.5].map(
      (value) => judgeBound(judgement({ guardrail }), { kind: 'value', value }, null).verdict,
    );
    assert.equal(above?.message, 'conversion 3 % > 2.5 %, window 3 of 6');
    assert.deepEqual([above.result, at?.result], ['pass', 'fail']);
  });

  it('judgeBound: value -> evidence with span, value and bound', () => {
    const { verdict } = judgeBound(judgement({ guardrail: strict }), { kind: 'value', value: 0.42 }, null);
    assert.deepEqual(verdict.evidence, {
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
    assert.equal(judgeBound(judgement(), unheardOf, null).verdict.result, 'error');
  });

  it('judgeBound: joined windows, and windows beyond the plan -> named in the message', () => {
    const span = { fromMs: from, toMs: from + 180_000, firstWindow: 2, lastWindow: 4 };
    const together = judgeBound(judgement({ span, guardrail: strict }), { kind: 'value', value: 0 }, null);
    assert.match(together.verdict.message, /windows 2-4 of 6$/);
    const beyond = { ...span, firstWindow: 8, lastWindow: 8 };
    const { verdict } = judgeBound(judgement({ span: beyond }), { kind: 'absent' }, null);
    assert.match(verdict.message, /window 8$/);
  });

  it('judgeBound: too few requests, or no window yet -> inconclusive', () => {
    const few = tooFewRequests(judgement({ requests: 12 }));
    assert.equal(few.message, 'error rate: 12 of 100 requests, window 3 of 6');
    assert.equal(few.result, 'inconclusive');
    assert.equal(awaitingFirstWindow(judgement()).result, 'inconclusive');
  });
});

describe('judgeBound: failures', () => {
  const ruled = (rule: BoundRule) =>
    errorRateGuardrail({ rule, label: 'depth', metric: { ...strict.metric, unit: 'none' } });
  const values = (...all: number[]): Measurement[] => all.map((value) => ({ kind: 'value', value }));

  it('judgeBound: 2 of 3, one window out of the bound -> inconclusive, then as the next one', () => {
    const verdicts = judgeWindows(ruled({ kind: 'windows', failures: 2, of: 3 }), values(0, 5, 0, 0, 5));
    assert.deepEqual(textsOf(verdicts), [
      'pass: depth 0 < 1, window 1 of 6',
      'inconclusive: depth 5 is not < 1, window 2 of 6, 1 of the last 2 windows; 2 of 3 fail',
      'pass: depth 0 < 1, window 3 of 6',
      'pass: depth 0 < 1, window 4 of 6',
      'inconclusive: depth 5 is not < 1, window 5 of 6, 1 of the last 3 windows; 2 of 3 fail',
    ]);
  });

  it('judgeBound: 2 of 3, two of three windows out of the bound -> fail', () => {
    const verdicts = judgeWindows(ruled({ kind: 'windows', failures: 2, of: 3 }), values(5, 0, 7));
    assert.equal(
      textsOf(verdicts).at(-1),
      'fail: depth 7 is not < 1, window 3 of 6, 2 of the last 3 windows',
    );
  });

  it('judgeBound: 2 of 3, a window without data between -> does not count', () => {
    const measured: Measurement[] = [...values(5), { kind: 'absent' }, ...values(5)];
    const results = judgeWindows(ruled({ kind: 'windows', failures: 2, of: 3 }), measured).map(
      ({ result }) => result,
    );
    assert.deepEqual(results, ['inconclusive', 'inconclusive', 'fail']);
  });
});

describe('judgeBound: test of a rate', () => {
  it('judgeBound: rate of all windows within the bound -> pass, though one window is out of it', () => {
    const verdicts = judgeWindows(errorRateGuardrail(), [rateOf(1, 500), rateOf(7, 500)]);
    assert.deepEqual(textsOf(verdicts), [
      'pass: error rate 0.2 % < 1 %, window 1 of 6',
      'pass: error rate 0.8 % < 1 %, windows 1-2 of 6',
    ]);
    assert.deepEqual([verdicts[1]?.evidence.requests, verdicts[1]?.evidence.value], [1_000, 0.8]);
    assert.equal(verdicts[1]?.evidence.from, '2026-11-02T12:02:00.000Z');
  });

  it('judgeBound: rate out of the bound without evidence -> inconclusive, not a pass', () => {
    const [verdict] = judgeWindows(errorRateGuardrail(), [rateOf(2, 100)]);
    assert.deepEqual([verdict?.result, verdict?.reason], ['inconclusive', 'notConfirmed']);
    assert.match(
      verdict?.message ?? '',
      /^error rate 2 % is not < 1 %, window 1 of 6, which can be chance: evidence .* of 100$/,
    );
  });

  it('judgeBound: the bound itself -> inconclusive', () => {
    assert.equal(judgeWindows(errorRateGuardrail(), [rateOf(5, 500)])[0]?.result, 'inconclusive');
  });

  it('judgeBound: gross breach -> fails in its window', () => {
    const [verdict] = judgeWindows(errorRateGuardrail(), [rateOf(12, 100)]);
    assert.deepEqual(
      [verdict?.result, verdict?.reason, verdict?.algorithm],
      ['fail', 'outOfBound', 'bound/2'],
    );
    assert.match(
      verdict?.message ?? '',
      /^error rate 12 % is not < 1 %, window 1 of 6, evidence \d+ of 100$/,
    );
    assert.ok((verdict?.evidence.test?.evidence ?? 0) >= 100);
  });

  it('judgeBound: breach after clean windows -> fails with the rate since it began', () => {
    const clean = Array.from({ length: 50 }, () => rateOf(3, 1_000));
    const verdicts = judgeWindows(errorRateGuardrail(), [...clean, rateOf(26, 1_000), rateOf(24, 1_000)]);
    const [first, second] = verdicts.slice(-2);
    assert.deepEqual([first?.result, second?.result], ['inconclusive', 'fail']);
    assert.match(second?.message ?? '', /^error rate 2.5 % is not < 1 %, windows 51-52, evidence/);
    assert.equal(second?.evidence.requests, 2_000);
  });

  it('judgeBound: rate above its bound -> tested as well', () => {
    const conversion = errorRateGuardrail({ label: 'conversion', direction: 'above', bound: 3 });
    const judge = (events: number) => judgeWindows(conversion, [rateOf(events, 1_000)])[0];
    assert.equal(judge(50)?.message, 'conversion 5 % > 3 %, window 1 of 6');
    assert.deepEqual(
      [judge(50)?.result, judge(28)?.result, judge(2)?.result],
      ['pass', 'inconclusive', 'fail'],
    );
  });

  it('judgeBound: no counts, no requests, or negative ones -> never a pass', () => {
    const unread: Measurement[] = [
      { kind: 'value', value: 0.1 },
      { kind: 'value', value: 0.1, counts: { events: 0, requests: 0 } },
      { kind: 'value', value: -2, counts: { events: -2, requests: 100 } },
      { kind: 'value', value: -2, counts: { events: 2, requests: -100 } },
    ];
    for (const measured of unread) {
      const { verdict, memory } = judgeBound(judgement(), measured, null);
      assert.deepEqual([verdict.result, verdict.reason, memory], ['inconclusive', 'noData', null]);
    }
  });

  it('judgeBound: more errors than requests -> counts as all of them', () => {
    assert.equal(
      judgeWindows(errorRateGuardrail(), [rateOf(150, 100)])[0]?.message.startsWith('error rate 100 %'),
      true,
    );
  });

  it('judgeBound: missing and unreadable windows between -> inconclusive and error, the evidence stays', () => {
    const results = judgeWindows(errorRateGuardrail(), [
      rateOf(6, 100),
      { kind: 'partial' },
      { kind: 'failed', reason: 'Forbidden' },
      rateOf(6, 100),
    ]).map(({ result }) => result);
    assert.deepEqual(results, ['inconclusive', 'inconclusive', 'error', 'fail']);
  });
});
