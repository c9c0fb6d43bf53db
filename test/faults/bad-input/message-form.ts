/** What every message about bad input looks like: where, what is wrong, what was found, what is allowed. */
import assert from 'node:assert/strict';
import type { Problem } from '../../../src/plan/spec/spec-error.js';

const longestLine = 800;
const mostProblems = 100;

/** Words of the schema library and of JavaScript, which mean nothing to who wrote the file. */
const jargon =
  /\b(undefined|NaN|zod|custom|invalid_\w+|unrecognized_\w+|too_small|too_big|not_multiple_of)\b|\[object/;
// Everything that a terminal obeys, or that shows another order of letters than there is.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** Of a message with the blocks of `formatProblems`; `file` is null where there was none. */
export function assertForm(message: string, file: string | null, lines: number): void {
  const blocks = message.split('\n\n');
  assert.ok(blocks.length <= mostProblems, `${blocks.length} problems`);
  for (const block of blocks) assertBlock(block, file, lines);
}

function assertBlock(block: string, file: string | null, lines: number): void {
  // Of the spec as a whole there is nothing else to say where.
  const whole = file === null && block.startsWith('the spec ') ? `the spec\n  ${block}` : block;
  const [where = '', message = '', found = '', allowed = '', ...more] = whole.split('\n');
  assert.deepEqual(more, [], block);
  for (const line of [where, message, found, allowed]) {
    assert.ok(line.length <= longestLine, `a line of ${line.length} characters: ${line.slice(0, 200)}`);
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
  // A file that is too large is refused as a whole.
  if (line === undefined) return;
  assert.ok(Number(line) >= 1 && Number(line) <= lines, `line ${line} of ${lines}`);
  assert.ok(Number(column) >= 1);
}

/** Problems as data: `lint --json`. */
export function assertProblems(problems: Problem[]): void {
  assert.ok(problems.length >= 1 && problems.length <= mostProblems);
  for (const { message, allowed, found } of problems) {
    assert.ok(message.length > 5 && message.length <= longestLine, message);
    assert.ok(allowed.length > 2, 'says what is allowed');
    assert.ok(found === null || (found.length > 0 && found.length <= longestLine), found ?? '');
  }
}
