/**
 * The runbook as tests read it. An entry is a sentence in code quotes in the first column of one of its tables of what a
 * rollout says. In it, `...` stands for anything, `churn` for the endpoint's name, a single capital letter for a name or
 * a number, and a number for any other.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** Heads of the first columns of tables whose sentences are entries. */
const heads = new Set(['outcome', 'it says', 'refusal', 'finding', 'type']);

const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

export interface Entry {
  /** As it is written. */
  message: string;
  matches(said: string): boolean;
}

export const entries: Entry[] = tablesOf(text)
  .filter(([head]) => heads.has(head?.[0] ?? ''))
  .flatMap(([, , ...rows]) => rows.flatMap(([first = '']) => quotesOf(first)))
  .map((message) => ({ message, matches: (said) => patternOf(message).test(said) }));

/** What was really said is what the runbook has under this entry. Tests that provoke an entry call it with its words. */
export function assertRunbookEntry(said: string | null | undefined, message: string): void {
  const entry = entries.find((each) => each.message === message);
  assert.ok(entry, `docs/runbook.md has no entry \`${message}\``);
  assert.ok(entry.matches(said ?? ''), `said: ${said}\nwhere docs/runbook.md has: ${message}`);
}

/** Shell commands under a heading, line by line as they are written; continued lines are one. */
export function commandsUnder(heading: string): string[] {
  const section = text.split(/^#{2,4} /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `docs/runbook.md has no heading ${heading}`);
  const blocks = [...section.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = '']) => block);
  const inLine = [...section.matchAll(/`((?:aws|penstock) [^`]+)`/g)].map(([, command = '']) => command);
  const lines = blocks
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  return [...lines.map((line) => line.replace(/\s+#.*$/, '').trim()), ...inLine].filter(
    (line) => line !== '',
  );
}

/** Rows of cells, of each table; the second row is the rule below the heads. */
function tablesOf(markdown: string): string[][][] {
  return [...markdown.matchAll(/(?:^\|.*\|\n)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim()),
      ),
  );
}

function quotesOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote);
}

const placeholders = /\.\.\.|\bchurn\b|(?<![\w%])[A-Z](?![\w%])|\d+(?:\.\d+)?/g;

/** A single word is all that was said; a sentence may be a part of it. */
function patternOf(message: string): RegExp {
  const literals = message
    .split(placeholders)
    .map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const between = [...message.matchAll(placeholders)].map(([found]) => expressionOf(found));
  const whole = literals.map((literal, i) => literal + (between[i] ?? '')).join('');
  return new RegExp(/^\w+$/.test(message) ? `^${whole}$` : whole, 's');
}

function expressionOf(placeholder: string): string {
  if (placeholder === '...') return '.*';
  if (placeholder === 'churn') return '[\\w-]+(?: and [\\w-]+)?';
  return /\d/.test(placeholder) ? '[\\d.,]+' : '.+?';
}
