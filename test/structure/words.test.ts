/** `npm run check` refuses words that only this project would use, and sentences without a subject. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = path.join(root, 'tools/check-words.mjs');

function checkWords(folder: string): { status: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe('check-words', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'penstock-test-'));
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    mkdirSync(path.join(folder, 'src'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const plant = (file: string, text: string) => writeFileSync(path.join(folder, file), text);

  it('this project: no finding -> exit code 0', () => {
    assert.deepEqual(checkWords(root), { status: 0, lines: [''] });
  });

  it('a banned word in a comment -> exit code 1, with file, line and replacement', () => {
    plant('src/a.ts', 'export const a = 1;\n// Somebody will mend it.\n');
    const { status, lines } = checkWords(folder);
    assert.equal(status, 1);
    assert.deepEqual(lines.slice(0, 2), [
      'src/a.ts:2: mend -> fix',
      'src/a.ts:2: somebody -> name the actor',
    ]);
  });

  it('a banned word inside a name in code -> exit code 1', () => {
    plant('src/a.ts', 'export function turnPage(): void {}\n');
    assert.equal(checkWords(folder).lines[0], 'src/a.ts:1: turn page -> continue as new');
  });

  it('a sentence that begins with a clause -> exit code 1; a question -> accepted', () => {
    plant('a.md', '# Where are weights set?\n\nThe worker sets them. What is unknown holds.\n');
    assert.deepEqual(checkWords(folder).lines.slice(0, 1), [
      'a.md:3: "What is unknown holds." -> begin with the actor or the thing',
    ]);
  });

  it('code blocks and tables of Markdown -> no sentence rule', () => {
    plant('a.md', '```sh\nWhat is this\n```\n\n| Who | Where |\n');
    assert.deepEqual(checkWords(folder), { status: 0, lines: [''] });
  });
});
