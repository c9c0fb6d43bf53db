/**
 * Refuses words that are not the field's (docs/glossary.md), and sentences that begin with a clause instead of a noun:
 * `node tools/check-words.mjs [FOLDER]`. Prints `file:line: word -> what to write` for each, and exits with 1.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Pattern, and what to write instead. Names in code count too: `turnPage` is read as `turn page`. */
const words = [
  [/\bway back\b/, 'rollback, rolling back'],
  [/\banother('s)? hand\b/, 'an external change'],
  [/\bhitch(es)?\b/, 'retryable failure'],
  [/\bmend(s|ed|ing)?\b/, 'fix'],
  [/\bhand(s|ed|ing)? on\b/, 'pass on, carry over'],
  [/\banew\b/, 'again, from scratch'],
  [/\bstrangers?\b/, 'another owner, unknown'],
  [/\bfor want of\b/, 'without'],
  [/\bwhoever\b/, 'the caller, the user, anyone who'],
  [/\b(some|no)body\b/, 'name the actor'],
  [/\bturn(s|ed|ing)? round\b/, 'stop and roll back'],
  [/\bturn page\b/, 'continue as new'],
  [/\bcut short\b/, 'terminated, truncated'],
  [/\b(take|takes|taken|taking|took) back\b/, 'roll back, revoke, undo'],
  [/\bunder way\b/, 'in progress, running'],
  [/\bobey(s|ed|ing)?\b/, 'apply'],
  [/\b(foretold|unforeseen|foresee|foresees|foreseen)\b/, 'forecast, unexpected'],
  [/\bsigns? of life\b/, 'heartbeat'],
  [/\bunless (given|told otherwise)\b/, 'default:'],
  [/\blevers?\b/, 'command'],
  [/\bchapters?\b/, 'section, phase'],
  [/\bas ever\b/, 'as usual'],
  [/\boccasions?\b/, 'event'],
  [/\btroubles?\b/, 'failure, error being retried'],
  [/\bwish(es|ed)?\b/, 'desired state, request'],
  [/\bformer\b/, 'previous, earlier'],
  [/\bbesides\b/, 'also, in addition'],
  [/\bcomes? about\b/, 'happens'],
  [/\b(go|goes|went|gone) on\b/, 'continue, resume, proceed'],
  [/\b(a|one|the|each|every|next|last|first|second|another|two|three|between|this) looks?\b/, 'check, poll'],
  [/\bdrowned\b/, 'lost in noise'],
];

/** A sentence needs a subject. Questions are free. */
const opening = /^(What|Where|Who|Whoever|Nobody|Somebody|Of)\b/;

const texts = /\.(md|ts|mjs|cjs|js|ya?ml|sh|py|java)$|^(Dockerfile|\.ci\/run)$/;
// The list itself, and the changelog's list of old names.
const free = new Set(['tools/check-words.mjs', 'test/structure/words.test.ts']);
// Words of AWS and of Temporal, as their models and messages have them.
const foreign = /^(src\/emulator\/service-model|test\/emulator\/service-model|test\/reference)\//;

const folder = process.argv[2] ?? path.join(import.meta.dirname, '..');
const findings = listFiles().flatMap((file) => check(file, readFileSync(path.join(folder, file), 'utf8')));
for (const finding of findings) console.log(finding);
if (findings.length > 0) {
  console.log(`${findings.length} words or sentences to rewrite; docs/glossary.md has the words`);
  process.exitCode = 1;
}

function listFiles() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((file) => texts.test(file) && !free.has(file) && !foreign.test(file))
    .filter((file) => isThere(file));
}

/** A deleted file stays listed until the deletion is staged. */
function isThere(file) {
  try {
    readFileSync(path.join(folder, file));
    return true;
  } catch {
    return false;
  }
}

function check(file, text) {
  const lines = text.split('\n');
  const inWords = lines.flatMap((line, i) => {
    if (file === 'CHANGELOG.md' && line.includes(' -> ')) return [];
    const spoken = line.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    return words.flatMap(([pattern, instead]) => {
      const found = pattern.exec(spoken);
      return found === null ? [] : [`${file}:${i + 1}: ${found[0]} -> ${instead}`];
    });
  });
  return [...inWords, ...sentencesOf(file, lines)];
}

/** Sentences of prose: Markdown outside code, and comments in code. */
function sentencesOf(file, lines) {
  const isMarkdown = file.endsWith('.md');
  const found = [];
  let isCode = false;
  let isContinued = false;
  for (const [i, line] of lines.entries()) {
    if (isMarkdown && /^\s*```/.test(line)) isCode = !isCode;
    const prose = isCode ? null : proseOf(line, isMarkdown);
    if (prose === null) {
      isContinued = false;
      continue;
    }
    const parts = prose.split(/(?<=[.!?:]) +/);
    for (const [j, part] of parts.entries()) {
      const begins = j > 0 || !isContinued;
      if (begins && opening.test(part) && !isQuestion(part, lines.slice(i + 1, i + 3), isMarkdown))
        found.push(`${file}:${i + 1}: "${part.slice(0, 40)}" -> begin with the actor or the thing`);
    }
    isContinued = prose !== '' && !/[.!?:]$/.test(prose);
  }
  return found;
}

function proseOf(line, isMarkdown) {
  if (isMarkdown) {
    if (line.trim() === '' || /^\s*\|/.test(line)) return null;
    return line.replace(/^\s*(?:[-*>]|\d+\.|#+)?\s*/, '').trimEnd();
  }
  const comment = /^\s*(?:\/\*\*|\*(?!\/)|\/\/|#(?!!))\s?(.*?)\s*(?:\*\/)?$/.exec(line);
  return comment === null || comment[1] === '' ? null : comment[1];
}

function isQuestion(part, following, isMarkdown) {
  const rest = following.map((line) => proseOf(line, isMarkdown) ?? '').join(' ');
  return /^[^.!]*\?/.test(/[.!?]$/.test(part) ? part : `${part} ${rest}`);
}
