import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, decidePoll, type PollFacts } from '../../../src/analysis/verdicts/conclude-poll.js';
import type { Result } from '../../../src/analysis/verdicts/verdict.js';
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
  endpointSeen: true,
  bakeOver: false,
  windowsDone: false,
  overdue: false,
  reported: null,
  reportedDrift: null,
  roundOver: false,
};
const bakeDone: PollFacts = { ...midBake, bakeOver: true, windowsDone: true, overdue: true };

describe('concluding a look', () => {
  const cases: [string, PollFacts, string | null][] = [
    ['looks again in the middle of a bake', midBake, null],
    [
      'looks again while something is unknown in the middle of a bake',
      { ...midBake, verdicts: [unknown] },
      null,
    ],
    ['fails at once', { ...midBake, verdicts: [pass, fail] }, 'fail'],
    ['reports drift at once', { ...midBake, drift: 'moved' }, 'drift'],
    ['lets a fail outrank drift', { ...midBake, drift: 'moved', verdicts: [fail] }, 'fail'],
    ['ends a round in the middle of a bake', { ...midBake, roundOver: true }, 'round'],
    [
      'ends a round that knows nothing yet as a round',
      { ...midBake, verdicts: [awaiting], roundOver: true },
      'round',
    ],
    ['is clear when every window has passed', bakeDone, 'clear'],
    ['is clear at the round end too', { ...bakeDone, roundOver: true }, 'clear'],
    ['is not clear before every window is judged', { ...bakeDone, windowsDone: false, overdue: false }, null],
    ['is not clear before the bake is over', { ...bakeDone, bakeOver: false, overdue: false }, null],
    ['is not clear where the endpoint could not be read', { ...bakeDone, endpointSeen: false }, 'undecided'],
    ['is undecided where something is unknown at the end', { ...bakeDone, verdicts: [unknown] }, 'undecided'],
    ['does not repeat itself', { ...bakeDone, verdicts: [unknown], reported: 'undecided' }, null],
    [
      'repeats itself at the round end',
      { ...bakeDone, verdicts: [unknown], reported: 'undecided', roundOver: true },
      'undecided',
    ],
    ['is clear once the unknown has passed', { ...bakeDone, reported: 'undecided' }, 'clear'],
    [
      'does not repeat drift',
      { ...midBake, drift: 'moved', reported: 'drift', reportedDrift: 'moved' },
      null,
    ],
    [
      'reports what drift has come to',
      { ...midBake, drift: 'moved', reported: 'drift', reportedDrift: 'under way' },
      'drift',
    ],
    ['reports the end of drift', { ...midBake, reported: 'drift' }, 'round'],
    [
      'does not take an unread endpoint for the end of drift',
      { ...midBake, reported: 'drift', endpointSeen: false },
      null,
    ],
    ['never clears while it guards', { ...bakeDone, mode: 'guard' }, null],
    ['fails while it guards', { ...bakeDone, mode: 'guard', verdicts: [fail] }, 'fail'],
    ['ends a guarding round', { ...bakeDone, mode: 'guard', roundOver: true }, 'round'],
    [
      'ends a guarding round undecided where something is unknown',
      { ...bakeDone, mode: 'guard', roundOver: true, verdicts: [unknown] },
      'undecided',
    ],
    [
      'clears a final look whose windows are not due',
      { ...midBake, mode: 'final', verdicts: [pass, awaiting] },
      'clear',
    ],
    [
      'does not clear a final look with an unknown alarm',
      { ...midBake, mode: 'final', verdicts: [verdict('inconclusive', 'alarmInsufficientData')] },
      'undecided',
    ],
    [
      'does not clear a final look with a failing read',
      { ...midBake, mode: 'final', verdicts: [verdict('error', 'readError')] },
      'undecided',
    ],
    ['keeps its veto in a final look', { ...midBake, mode: 'final', verdicts: [fail, awaiting] }, 'fail'],
  ];
  for (const [name, look, kind] of cases) {
    it(name, () => assert.equal(decidePoll(look)?.kind ?? null, kind));
  }
});

describe('deciding on verdicts', () => {
  it('rolls back on any fail, holds on any unknown, and is clear only where all pass', () => {
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

  it('never takes a result that it does not know for a pass', () => {
    assert.equal(decide([verdict('fine' as Result)]).kind, 'hold');
  });

  it('says which verdict it was', () => {
    const decision = decide([verdict('pass'), verdict('error', 'readError'), verdict('fail', 'outOfBound')]);
    assert.equal(decision.kind === 'rollBack' && decision.because.reason, 'outOfBound');
  });
});
