/** The same calls against this emulator and against moto, and why their answers differ where they do. */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { startEmulator } from '../../src/emulator/emulator.js';
import { startMoto } from './moto.js';
import { runScript } from './scripts.js';

/** What compare.py prints of each call. */
interface Called {
  label: string;
  operation: string;
  outcome: unknown;
}

export interface Difference {
  label: string;
  operation: string;
  ours: unknown;
  moto: unknown;
}

/** One explanation of some differences; `right`: who does as AWS does, by its documentation or botocore's model. */
export interface Reason {
  right: 'ours' | 'moto' | 'both' | 'neither';
  why: string;
  calls: string[];
}

export interface Comparison {
  calls: number;
  differences: Difference[];
}

export async function readReasons(): Promise<Reason[]> {
  return JSON.parse(await readFile(new URL('differences.json', import.meta.url), 'utf8')) as Reason[];
}

/** Plays compare.py against both, at once. */
export async function compareWithMoto(): Promise<Comparison> {
  const pace = { training: 2, creating: 2, updating: 2, shifting: 1.5, deleting: 2 };
  const [emulator, moto] = await Promise.all([startEmulator({ pace, lateMs: 200 }), startMoto()]);
  try {
    const play = (env: Record<string, string>) => runScript<Called[]>('compare.py', env);
    const [ours, theirs] = await Promise.all([play(emulator.env), play(moto.env)]);
    const pairs = ours.map(({ label, operation, outcome }, index) => {
      return { label, operation, ours: outcome, moto: theirs[index]?.outcome };
    });
    return { calls: ours.length, differences: pairs.filter((pair) => !areEqual(pair.ours, pair.moto)) };
  } finally {
    await Promise.all([emulator.stop(), moto.stop()]);
  }
}

function areEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const verdicts: Record<Reason['right'], string> = {
  ours: 'AWS does as this emulator does.',
  moto: 'AWS does as moto does.',
  both: 'Both do as AWS may.',
  neither: 'AWS does as neither of them.',
};

/** The page docs/emulator-vs-moto.md. */
export async function writePage({ calls, differences }: Comparison, reasons: Reason[]): Promise<string> {
  const byLabel = new Map(differences.map((each) => [each.label, each]));
  const sections = reasons.map(({ right, why, calls }) => {
    const listed = calls.flatMap((label) => describe(byLabel.get(label)));
    return [`## ${why}`, verdicts[right], listed.join('\n')].join('\n\n');
  });
  const text = [intro(calls, differences.length, reasons), ...sections].join('\n\n');
  const config = await resolveConfig(new URL('../../docs/emulator-vs-moto.md', import.meta.url));
  return format(text, { ...config, parser: 'markdown' });
}

function intro(calls: number, differences: number, reasons: Reason[]): string {
  const count = (right: Reason['right']) =>
    reasons.filter((each) => each.right === right).reduce((sum, each) => sum + each.calls.length, 0);
  return `<!-- Generated: UPDATE_SNAPSHOTS=1 npx mocha test/clients/comparison.test.ts -->

# This emulator beside moto

[moto](https://docs.getmoto.org) emulates AWS, too, and nobody here wrote it. One script, test/clients/compare.py, makes
the same ${calls} calls through boto3 against both, and ${differences} of them end differently: ${count('ours')} as AWS answers here,
${count('moto')} as AWS answers there, ${count('neither')} as AWS answers in neither, and ${count('both')} where AWS leaves it open. Who is right is told by AWS's documentation and by the
service models in botocore; nothing was tried against AWS itself. A difference without a reason fails the tests.`;
}

function describe(difference: Difference | undefined): string[] {
  if (!difference) return [];
  const { label, operation, ours, moto } = difference;
  return [`- ${label} (\`${operation}\`)`, `  - here: ${show(ours)}`, `  - moto: ${show(moto)}`];
}

function show(outcome: unknown): string {
  return `\`${typeof outcome === 'string' ? outcome : JSON.stringify(outcome)}\``;
}
