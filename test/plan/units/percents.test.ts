import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatPercent, parseRate, parseShare, remainderOf } from '../../../src/plan/units/percents.js';

const tenths = fc.integer({ min: 1, max: 1_000 });

describe('percents', () => {
  it('parseShare: every tenth of a percent -> unchanged after parsing and formatting', () => {
    fc.assert(
      fc.property(tenths, (n) => {
        const share = n / 10;
        assert.equal(parseShare(formatPercent(share)), share);
      }),
    );
  });

  it('remainderOf: any share -> at most one decimal, no binary residue', () => {
    fc.assert(
      fc.property(tenths, (n) => {
        assert.match(String(remainderOf(n / 10)), /^\d+(\.\d)?$/);
        assert.equal(Math.round((remainderOf(n / 10) + n / 10) * 10), 1_000);
      }),
    );
    assert.equal(remainderOf(99.9), 0.1);
  });

  for (const text of [
    '0%',
    '0.0%',
    '0.05%',
    '100.1%',
    '101%',
    '1000%',
    '5',
    '5 %',
    '-1%',
    '1.25%',
    '05%',
    '.5%',
  ])
    it(`parseShare: ${text} -> RangeError`, () => {
      assert.throws(() => parseShare(text), RangeError);
    });

  it('parseRate: up to four decimals -> percent', () => {
    assert.equal(parseRate('0.05%'), 0.05);
    assert.equal(parseRate('100%'), 100);
    for (const text of ['0%', '100.1%', '0.00001%', '1']) assert.throws(() => parseRate(text), RangeError);
  });
});
