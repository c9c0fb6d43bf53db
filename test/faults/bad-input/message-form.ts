/** The form of every message about bad input: place, problem, found value, allowed values. */
import assert from 'node:assert/strict';
import type { Problem } from '../../../src/plan/spec/spec-error.js';

const maxLineLength = 800;
const maxProblems = 100;

/** Words of the schema library and of JavaScript. The author of the file does not know them. */
const jargon =
  /\b(undefined|NaN|zod|custom|invalid_\w+|unrecognized_\w+|too_small|too_big|not_multiple_of)\b|\[object/;
// Control characters of terminals, and characters that change the displayed order of letters.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** For messages with the blocks of `formatProblems`. `file`: null if the spec did not come from a file. */
export function assertForm(message: string, file: string | null, lines: number): void {
  const blocks = message.split('\n\n');
  assert.ok(blocks.length <= maxProblems, `${blocks.length} problems`);
  for (const block of blocks) assertBlock(block, file, lines);
}

function assertBlock(block: string, file: string | null, lines: number): void {
  // A problem of the whole spec has no place of its own.
  const whole = file === null && block.startsWith('the spec ') ? `the spec\n  ${block}` : block;
  const [where = '', message = '', found = '', allowed = '', ...more] = whole.split('\n');
  assert.deepEqual(more, [], block);
  for (const line of [where, message, found, allowed]) {
    assert.ok(line.length <= maxLineLength, `a line of ${line.length} characters: ${line.slice(0, 200)}`);
    assert.doesNotMatch(line, unprintable);
  }
  assertPlace(where, file, lines);
  assert.match(message, /^ {2}\S.*[.?]$/);
  assert.match(found, /^ {2}found: {3}\S/);
  assert.match(allowed, /^ {2}allowed: \S/);
  assert.doesNotMatch(allowed, jargon);
}

function assertPlace(where: string, file: string | null, lines: number): void {
  if (file === null) return assert.match(where, /^\S/);
  const [, name, line, column] = /^([^:]+)(?::(\d+):(\d+))?(?: .+)?$/.exec(where) ?? [];
  assert.equal(name, file, where);
  // A file that is too large is rejected as a whole, without a line.
  if (line === undefined) return;
  assert.ok(Number(line) >= 1 && Number(line) <= lines, `line ${line} of ${lines}`);
  assert.ok(Number(column) >= 1);
}

/** For problems as data, as in `lint --json`. */
export function assertProblems(problems: Problem[]): void {
  assert.ok(problems.length >= 1 && problems.length <= maxProblems);
  for (const { message, allowed, found } of problems) {
    assert.ok(message.length > 5 && message.length <= maxLineLength, message);
    assert.ok(allowed.length > 2, 'names the allowed values');
    assert.ok(found === null || (found.length > 0 && found.length <= maxLineLength), found ?? '');
  }
}
