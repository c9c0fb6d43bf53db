/**
 * The runbook as tests read it. An entry is one message in code quotes. It is either a heading (`####`) of its own, or in
 * a paragraph that begins with `Also:` or `Messages:`. In a message, `...` stands for any text, `churn` for the name of
 * the endpoint, a single capital letter for a name or a number, and a number for any other number.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export interface Entry {
  message: string;
  /** GitHub's anchor of the heading that the message is under. */
  anchor: string;
  matches(said: string): boolean;
}

export interface IndexLink {
  label: string;
  anchor: string;
}

const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const placeholders = /\.\.\.|\bchurn\b|(?<![\w%])[A-Z](?![\w%])|\d+(?:\.\d+)?/g;

export const entries: Entry[] = readEntries();

/** Links of the section `Index`, in order. */
export const indexLinks: IndexLink[] = [
  ...sectionUnder('Index').matchAll(/^- \[((?:[^\]\\]|\\.)+)\]\(#([^)]+)\)$/gm),
].map(([, label = '', anchor = '']) => ({ label: label.replaceAll(/\\(.)/g, '$1'), anchor }));

/** `said` is the message of this entry. Tests that provoke an entry name it by its text in the runbook. */
export function assertRunbookEntry(said: string | null | undefined, message: string): void {
  const entry = entries.find((each) => each.message === message);
  assert.ok(entry, `docs/runbook.md has no entry \`${message}\``);
  assert.ok(entry.matches(said ?? ''), `actual: ${said}\nin docs/runbook.md: ${message}`);
}

/** Shell commands under a heading, line by line: first those of code blocks, then those in code quotes. */
export function commandsUnder(heading: string): string[] {
  const section = sectionUnder(heading);
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

function sectionUnder(heading: string): string {
  const section = text.split(/^#{2,4} /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `docs/runbook.md has no heading ${heading}`);
  return section;
}

function readEntries(): Entry[] {
  const taken = new Map<string, number>();
  let anchor = '';
  return text.split(/\n{2,}/).flatMap((paragraph) => {
    const [, level = '', title = ''] = /^(#{1,6}) (.*)$/.exec(paragraph) ?? [];
    if (level !== '') {
      const slug = slugOf(title);
      const earlier = taken.get(slug) ?? 0;
      taken.set(slug, earlier + 1);
      anchor = earlier === 0 ? slug : `${slug}-${earlier}`;
    }
    const isHeading = level === '####' && /^`[^`]+`$/.test(title);
    if (!isHeading && !/^(Also|Messages): /.test(paragraph)) return [];
    return quotesOf(paragraph).map((message) => entryOf(message, anchor));
  });
}

/** As GitHub makes anchors of headings. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function quotesOf(paragraph: string): string[] {
  return [...paragraph.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote.replaceAll('\n', ' '));
}

function entryOf(message: string, anchor: string): Entry {
  const pattern = patternOf(message);
  return { message, anchor, matches: (said) => pattern.test(said) };
}

/** A single word must be the whole message. A longer text can be a part of it. */
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
