import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, decidePoll, type PollFacts } from '../../../src/analysis/verdicts/conclude-poll.js';
import type { Result, Verdict } from '../../../src/analysis/verdicts/verdict.js';
import { verdict } from './verdicts.js';

const anyResult = fc.constantFrom<Result>('pass', 'fail', 'inconclusive', 'error');

const pass = verdict('pass');
const fail = verdict('fail', 'outOfBound');
const unknown = verdict('inconclusive', 'noData');
const awaiting = verdict('inconclusive', 'awaitingFirstWindow');

const midBake: PollFacts = {
  mode: 'bake',
  verdicts: [pass],
  drift: null,
  unseen: null,
  bakeOver: false,
  windowsDone: false,
  overdue: false,
  reported: null,
  reportedDrift: null,
  roundOver: false,
  newlyReported: null,
};
const reported: Verdict = { ...fail, onFail: 'report' };
const bakeDone: PollFacts = { ...midBake, bakeOver: true, windowsDone: true, overdue: true };

describe('decidePoll', () => {
  const cases: [string, PollFacts, string | null][] = [
    ['during a bake', midBake, null],
    ['unknown verdict during a bake', { ...midBake, verdicts: [unknown] }, null],
    ['failed verdict during a bake', { ...midBake, verdicts: [pass, fail] }, 'fail'],
    ['failed verdict that is only reported', { ...midBake, verdicts: [reported] }, null],
    ['the same, new', { ...midBake, verdicts: [reported], newlyReported: 'failed' }, 'round'],
    [
      'the same, and a repeated report',
      { ...midBake, drift: 'moved', reported: 'drift', reportedDrift: 'moved', newlyReported: 'failed' },
      'round',
    ],
    [
      'the same, and a failed verdict',
      { ...midBake, verdicts: [reported, fail], newlyReported: 'failed' },
      'fail',
    ],
    ['bake over, the rest passed', { ...bakeDone, verdicts: [reported, pass] }, 'clear'],
    ['bake over, the rest is unknown', { ...bakeDone, verdicts: [reported, unknown] }, 'undecided'],
    ['the last check, only reported', { ...midBake, mode: 'final', verdicts: [reported] }, 'clear'],
    ['drift during a bake', { ...midBake, drift: 'moved' }, 'drift'],
    ['drift and a failed verdict', { ...midBake, drift: 'moved', verdicts: [fail] }, 'fail'],
    ['round ends during a bake', { ...midBake, roundOver: true }, 'round'],
    ['round ends before the first window', { ...midBake, verdicts: [awaiting], roundOver: true }, 'round'],
    ['bake over, every window passed', bakeDone, 'clear'],
    ['bake and round over, every window passed', { ...bakeDone, roundOver: true }, 'clear'],
    ['bake over, a window not judged yet', { ...bakeDone, windowsDone: false, overdue: false }, null],
    ['every window passed, bake not over', { ...bakeDone, bakeOver: false, overdue: false }, null],
    ['bake over, endpoint not read', { ...bakeDone, unseen: 'Throttling: rate exceeded' }, 'undecided'],
    ['bake over, unknown verdict', { ...bakeDone, verdicts: [unknown] }, 'undecided'],
    ['unknown verdict already reported', { ...bakeDone, verdicts: [unknown], reported: 'undecided' }, null],
    [
      'unknown verdict already reported, round over',
      { ...bakeDone, verdicts: [unknown], reported: 'undecided', roundOver: true },
      'undecided',
    ],
    ['unknown verdict reported earlier, now passed', { ...bakeDone, reported: 'undecided' }, 'clear'],
    [
      'same drift already reported',
      { ...midBake, drift: 'moved', reported: 'drift', reportedDrift: 'moved' },
      null,
    ],
    [
      'different drift than reported',
      { ...midBake, drift: 'moved', reported: 'drift', reportedDrift: 'in progress' },
      'drift',
    ],
    ['reported drift has ended', { ...midBake, reported: 'drift' }, 'round'],
    [
      'drift reported, endpoint not read',
      { ...midBake, reported: 'drift', unseen: 'Throttling: rate exceeded' },
      null,
    ],
    ['guard mode, every window passed', { ...bakeDone, mode: 'guard' }, null],
    ['guard mode, failed verdict', { ...bakeDone, mode: 'guard', verdicts: [fail] }, 'fail'],
    ['guard mode, round over', { ...bakeDone, mode: 'guard', roundOver: true }, 'round'],
    [
      'guard mode, round over, unknown verdict',
      { ...bakeDone, mode: 'guard', roundOver: true, verdicts: [unknown] },
      'undecided',
    ],
    ['final mode, windows not due', { ...midBake, mode: 'final', verdicts: [pass, awaiting] }, 'clear'],
    [
      'final mode, unknown alarm',
      { ...midBake, mode: 'final', verdicts: [verdict('inconclusive', 'alarmInsufficientData')] },
      'undecided',
    ],
    [
      'final mode, failed read',
      { ...midBake, mode: 'final', verdicts: [verdict('error', 'readError')] },
      'undecided',
    ],
    [
      'final mode, window without data',
      { ...midBake, mode: 'final', verdicts: [pass, verdict('inconclusive', 'noData')] },
      'clear',
    ],
    ['final mode, failed verdict', { ...midBake, mode: 'final', verdicts: [fail, awaiting] }, 'fail'],
  ];
  for (const [name, facts, kind] of cases) {
    it(`decidePoll: ${name} -> ${kind ?? 'poll again'}`, () =>
      assert.equal(decidePoll(facts)?.kind ?? null, kind));
  }
});

describe('decide', () => {
  it('decide: any fail -> rollBack; else any unknown -> hold; all pass -> clear', () => {
    fc.assert(
      fc.property(fc.array(anyResult), (results) => {
        const { kind } = decide(results.map((result) => verdict(result)));
        const expected = results.includes('fail')
          ? 'rollBack'
          : results.every((result) => result === 'pass')
            ? 'clear'
            : 'hold';
        assert.equal(kind, expected);
      }),
    );
  });

  it('decide: unknown result value -> hold', () => {
    assert.equal(decide([verdict('fine' as Result)]).kind, 'hold');
  });

  it('decide: rollBack -> has the failed verdict', () => {
    const decision = decide([verdict('pass'), verdict('error', 'readError'), verdict('fail', 'outOfBound')]);
    assert.equal(decision.kind === 'rollBack' && decision.because.reason, 'outOfBound');
  });
});
