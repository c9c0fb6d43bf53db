import assert from 'node:assert/strict';
import {
  operandsIn,
  problemsInExpression,
  unfilledIn,
} from '../../../../src/plan/spec/guardrails/expressions.js';

const ids = ['m1', 'm2'];

describe('an expression', () => {
  const sound = [
    'm1 / (m1 + m2)',
    'm1/m2*1.5e-3 - .5^2',
    'IF(m1 > 0 AND m2 != 0, m1 / m2, 0)',
    'FILL(m1, 0) / MAX([m1, m2])',
    'IF(m1 >= 3 || m2 <= 1 && m1 == 2, 1, -1)',
  ];
  for (const text of sound)
    it(`may be ${text}`, () => {
      assert.deepEqual(problemsInExpression(text, ids), []);
      assert.deepEqual(operandsIn(text), ids);
    });

  const unsound: [string, RegExp][] = [
    ['m1 / m3', /^m3 is not one of its metrics$/],
    ["SEARCH('Shop', 'Sum')", /^"'" cannot stand in an expression$/],
    ['m1; m2', /^";" cannot/],
    ['m1 % m2', /^"%" cannot/],
    ['RATE(m1) + m2', /^RATE is not a function/],
    ['METRICS()', /^METRICS is not a function/],
    ['FILL(m1, REPEAT)', /^REPEAT is not a function/],
    ['(m1 + m2', /brackets do not match/],
    ['(m1 + m2])', /brackets do not match/],
    ['m1 + m2)', /brackets do not match/],
  ];
  for (const [text, problem] of unsound)
    it(`may not be ${text}`, () => {
      const [first, ...others] = problemsInExpression(text, ids);
      assert.match(first ?? '', problem);
      assert.deepEqual(others, []);
    });

  it('needs each operand that does not always stand in FILL', () => {
    assert.deepEqual(unfilledIn('m1 / m2', ids), ['m1', 'm2']);
    assert.deepEqual(unfilledIn('FILL(m1, 0) / m2', ids), ['m2']);
    assert.deepEqual(unfilledIn('FILL ( m1 , m2)', ids), ['m2']);
    assert.deepEqual(unfilledIn('FILL(m1, 0) + m1', ids), ['m1']);
    assert.deepEqual(unfilledIn('FILL(m1 / m2, 0)', ids), ['m1', 'm2']);
  });
});
