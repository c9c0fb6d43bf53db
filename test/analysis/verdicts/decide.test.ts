import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide } from '../../../src/analysis/verdicts/decide.js';
import type { Result } from '../../../src/analysis/verdicts/verdict.js';
import { verdict } from './verdicts.js';

const anyResult = fc.constantFrom<Result>('pass', 'fail', 'inconclusive', 'error');

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
