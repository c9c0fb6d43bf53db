import assert from 'node:assert/strict';
import { differenceFromPattern } from '../../../src/activities/validation/match-pattern.js';

const answer = (text: string | null) => ({ text, contentType: null });

describe('differenceFromPattern', () => {
  it('differenceFromPattern: part of the text, over lines -> matches', () => {
    assert.equal(differenceFromPattern('is.*tiger', answer('this is a\ntiger')), null);
    assert.equal(differenceFromPattern('^\\p{Lu}', answer('Ärger')), null);
  });

  it('differenceFromPattern: anchored, not the whole text -> a difference', () => {
    assert.equal(
      differenceFromPattern('^tiger$', answer('a tiger')),
      'the answer does not match the pattern',
    );
  });

  it('differenceFromPattern: an answer that is not text -> never matches', () => {
    assert.equal(differenceFromPattern('', answer(null)), 'the answer is not text in UTF-8');
  });

  it('differenceFromPattern: exponential time -> a difference after a second', () => {
    const found = differenceFromPattern('^(a+)+$', answer(`${'a'.repeat(50)}!`));
    assert.equal(found, 'the pattern needs more than 1 s for the answer; simplify it');
  });
});
