import assert from 'node:assert/strict';
import { findDifference } from '../../../src/activities/validation/find-difference.js';
import { defaultTolerance, type Tolerance } from '../../../src/plan/compiled/validation-plan.js';

const answerOf = (text: string | null, contentType: string | null = 'application/json') => ({
  text,
  contentType,
});
const difference = (expected: unknown, actual: unknown, tolerance: Partial<Tolerance> = {}) =>
  findDifference(expected, answerOf(JSON.stringify(actual)), { ...defaultTolerance, ...tolerance });

describe('findDifference', () => {
  const json: [unknown, unknown, string | null][] = [
    [{ a: 1 }, { a: 1, b: 2 }, null],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 2], c: 3 } }, null],
    [{ a: 1 }, { b: 1 }, 'a is missing'],
    [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, 'a.b[0].c is 2, expected 1'],
    [[1], [1, 2], 'the length of the answer is 2, expected 1'],
    [{}, [], 'the answer is [], expected {}'],
    [[], {}, 'the answer is {}, expected []'],
    [{}, null, 'the answer is null, expected {}'],
    [null, null, null],
    [false, 0, 'the answer is 0, expected false'],
    [{ a: '7' }, { a: 7 }, 'a is 7, expected "7"'],
    [{ a: 7 }, { a: '7' }, 'a is "7", expected 7'],
    ['seven', 'seven', null],
    ['7', 7, null],
    [7, '7', 'the answer is "7", expected 7'],
  ];
  for (const [expected, actual, found] of json)
    it(`findDifference: ${JSON.stringify(expected)} in ${JSON.stringify(actual)} -> ${found ?? 'none'}`, () => {
      assert.equal(difference(expected, actual), found);
    });

  it('findDifference: keys that every object inherits -> missing', () => {
    assert.equal(difference({ toString: {} }, {}), 'toString is missing');
  });

  const numbers: [number, number, Partial<Tolerance>, boolean][] = [
    [17.559244, 17.559246, {}, true],
    [17.559244, 17.5593, {}, false],
    [1_000_000, 1_000_001, {}, true],
    [1_000_000, 1_000_002, {}, false],
    [0, 1e-12, {}, false],
    [0, -0, {}, true],
    [-5, 5, {}, false],
    [0, 1e-12, { absolute: 1e-9 }, true],
    [1_000_000, 1_000_001, { relativePercent: 0 }, false],
    [100, 101, { relativePercent: 1 }, true],
    [100, 102, { relativePercent: 1 }, false],
    [100, 102, { relativePercent: 1, absolute: 2 }, true],
  ];
  for (const [expected, actual, tolerance, isSame] of numbers)
    it(`findDifference: ${actual} for ${expected}, tolerance ${JSON.stringify(tolerance)} -> ${isSame ? 'none' : 'one'}`, () => {
      assert.equal(difference({ a: expected }, { a: actual }, tolerance) === null, isSame);
    });

  it('findDifference: number beyond the range of doubles -> a difference', () => {
    assert.notEqual(findDifference(1, answerOf('1e999'), defaultTolerance), null);
  });

  const texts: [string, string | null, string | null, string | null][] = [
    ['0.731', 'text/csv', '0.731', null],
    ['0.731', 'text/csv; charset=utf-8', '0.7310001\n', null],
    ['0.731', 'text/csv', '0.732', 'row 1, column 1 is "0.732", expected "0.731"'],
    ['0.2,0.8', 'TEXT/CSV', '0.2000001, 0.8\r\n', null],
    ['0.2,0.8', 'text/csv', '0.2,0.8,0', 'the number of columns in row 1 is 3, expected 2'],
    ['0.2\n0.8', 'text/csv', '0.2\r\n0.8\r\n', null],
    ['0.2\n0.8', 'text/csv', '0.2', 'the number of rows is 1, expected 2'],
    ['a,"b,c"', 'text/csv', '"a","b,c"', null],
    ['a,"b ""c"""', 'text/csv', 'a,"b ""c"""', null],
    ['"', 'text/csv', 'a', 'the answer is "a", expected "\\""'],
    [',1', 'text/csv', '0,1', 'row 1, column 1 is "0", expected ""'],
    ['0x10', 'text/csv', '16', 'row 1, column 1 is "16", expected "0x10"'],
    ['1,2', 'text/html', '1,2\n', null],
    ['1.0', 'text/html', '1.0000001', 'the answer is "1.0000001", expected "1.0"'],
    ['1,2', null, ' 1,2', null],
    ['yes', 'application/json', '"yes"', null],
    ['yes', 'application/json', 'yes', null],
    ['yes', 'application/json', '"no"', 'the answer is "\\"no\\"", expected "yes"'],
  ];
  for (const [expected, type, text, found] of texts)
    it(`findDifference: ${JSON.stringify(text)} of ${type ?? 'no type'} for ${JSON.stringify(expected)} -> ${found ?? 'none'}`, () => {
      assert.equal(findDifference(expected, answerOf(text, type), defaultTolerance), found);
    });

  it('findDifference: unreadable answers -> never match', () => {
    assert.equal(findDifference('', answerOf(null), defaultTolerance), 'the answer is not text in UTF-8');
    assert.equal(findDifference({}, answerOf('<html>'), defaultTolerance), 'the answer is not JSON');
    assert.equal(findDifference({}, answerOf(''), defaultTolerance), 'the answer is not JSON');
  });
});
