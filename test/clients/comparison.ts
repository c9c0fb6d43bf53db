/** Makes the same calls against this emulator and moto, and explains the differences. */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { startEmulator } from '../../src/emulator/emulator.js';
import { startMoto } from './moto.js';
import { runScript } from './scripts.js';

/** Output of compare.py for each call. */
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

/** The reason for some differences. `right`: the one that matches AWS, by its documentation or botocore's model. */
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

/** Runs compare.py against both at the same time. */
export async function compareWithMoto(): Promise<Comparison> {
  const pace = { training: 2, creating: 2, updating: 2, shifting: 1.5, deleting: 2 };
  const [emulator, moto] = await Promise.all([startEmulator({ pace, lateMs: 200 }), startMoto()]);
  try {
    const compare = (env: Record<string, string>) => runScript<Called[]>('compare.py', env);
    const [ours, theirs] = await Promise.all([compare(emulator.env), compare(moto.env)]);
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
  ours: 'This emulator matches AWS.',
  moto: 'moto matches AWS.',
  both: 'AWS may return either.',
  neither: 'Neither matches AWS.',
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

# Comparison with moto

[moto](https://docs.getmoto.org) is an independent emulator of AWS. One script, test/clients/compare.py, makes the same
${calls} calls through boto3 against both. ${differences} of the calls have different outcomes:

- ${count('ours')}: this emulator matches AWS
- ${count('moto')}: moto matches AWS
- ${count('neither')}: neither matches AWS
- ${count('both')}: AWS documents no single outcome

Sources are AWS's documentation and the service models of botocore. No call was made to AWS itself. A difference without
a reason fails the tests.`;
}

function describe(difference: Difference | undefined): string[] {
  if (!difference) return [];
  const { label, operation, ours, moto } = difference;
  return [`- ${label} (\`${operation}\`)`, `  - emulator: ${show(ours)}`, `  - moto: ${show(moto)}`];
}

function show(outcome: unknown): string {
  return `\`${typeof outcome === 'string' ? outcome : JSON.stringify(outcome)}\``;
}
