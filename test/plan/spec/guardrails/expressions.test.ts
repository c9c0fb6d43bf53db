import assert from 'node:assert/strict';
import {
  operandsIn,
  problemsInExpression,
  unfilledIn,
} from '../../../../src/plan/spec/guardrails/expressions.js';

const ids = ['m1', 'm2'];

describe('metric math expressions', () => {
  const valid = [
    'm1 / (m1 + m2)',
    'm1/m2*1.5e-3 - .5^2',
    'IF(m1 > 0 AND m2 != 0, m1 / m2, 0)',
    'FILL(m1, 0) / MAX([m1, m2])',
    'IF(m1 >= 3 || m2 <= 1 && m1 == 2, 1, -1)',
  ];
  for (const text of valid)
    it(`expression: ${text} -> valid`, () => {
      assert.deepEqual(problemsInExpression(text, ids), []);
      assert.deepEqual(operandsIn(text), ids);
    });

  const invalid: [string, RegExp][] = [
    ['m1 / m3', /^m3 is not one of its metrics$/],
    ["SEARCH('Shop', 'Sum')", /^"'" is not allowed in an expression$/],
    ['m1; m2', /^";" is not allowed/],
    ['m1 % m2', /^"%" is not allowed/],
    ['RATE(m1) + m2', /^RATE is not an allowed function/],
    ['METRICS()', /^METRICS is not an allowed function/],
    ['FILL(m1, REPEAT)', /^REPEAT is not an allowed function/],
    ['(m1 + m2', /brackets do not match/],
    ['(m1 + m2])', /brackets do not match/],
    ['m1 + m2)', /brackets do not match/],
  ];
  for (const [text, problem] of invalid)
    it(`expression: ${text} -> one problem`, () => {
      const [first, ...others] = problemsInExpression(text, ids);
      assert.match(first ?? '', problem);
      assert.deepEqual(others, []);
    });

  it('unfilledIn: operand outside FILL at least once -> listed', () => {
    assert.deepEqual(unfilledIn('m1 / m2', ids), ['m1', 'm2']);
    assert.deepEqual(unfilledIn('FILL(m1, 0) / m2', ids), ['m2']);
    assert.deepEqual(unfilledIn('FILL ( m1 , m2)', ids), ['m2']);
    assert.deepEqual(unfilledIn('FILL(m1, 0) + m1', ids), ['m1']);
    assert.deepEqual(unfilledIn('FILL(m1 / m2, 0)', ids), ['m1', 'm2']);
  });
});
