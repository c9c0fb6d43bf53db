import { runInNewContext } from 'node:vm';
import { patternFlags } from '../../plan/compiled/validation-plan.js';
import type { ModelAnswer } from './invoke-variant.js';

/** Some patterns take exponential time, and the worker cannot do anything else meanwhile. */
const maxMs = 1_000;

/** Null: the pattern matches somewhere in the text of the answer. Else a clause for people. */
export function differenceFromPattern(pattern: string, { text }: ModelAnswer): string | null {
  if (text === null) return 'the answer is not text in UTF-8';
  const isMatch = testWithin(maxMs, pattern, text);
  if (isMatch === null) return `the pattern needs more than ${maxMs / 1000} s for the answer; simplify it`;
  return isMatch ? null : 'the answer does not match the pattern';
}

/** Null: it takes longer. V8 ends a regular expression only in a script with a time limit. */
function testWithin(timeout: number, pattern: string, text: string): boolean | null {
  const context = { pattern, text, flags: patternFlags };
  try {
    return runInNewContext('new RegExp(pattern, flags).test(text)', context, { timeout }) as boolean;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  }
}
