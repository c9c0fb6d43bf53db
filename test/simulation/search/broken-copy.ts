/** Copies of the code in which one promise is broken. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const copied = [
  'src',
  'test',
  'bench',
  'schema',
  'docs',
  'examples',
  'tools',
  'package.json',
  'tsconfig.json',
  '.mocharc.json',
];

export interface Break {
  promise: string;
  /** Each original text occurs once in its file. */
  edits: [file: string, original: string, replacement: string][];
}

/** Promises that tests and drawn seeds must guard. */
export const breaks = {
  adoption: {
    promise: 'resources of the rollout are adopted, not rejected or created again',
    edits: [
      [
        'src/activities/aws/ownership.ts',
        'if (arn !== null) return await requireOwned(sagemaker, { ...creation, arn });',
        'void arn;',
      ],
      [
        'src/activities/aws/ownership.ts',
        'if (!(error instanceof AlreadyExists)) throw error;',
        'throw error;',
      ],
    ],
  },
  weightVerification: {
    promise: 'a weight change is complete only when it is read back',
    edits: [
      [
        'src/activities/traffic/set-weights.ts',
        'return pollAgain(`${name}: requested ${shares}${again}`, firstPollSeconds(pollSeconds), state);',
        'return (void again, void state, endpoint);',
      ],
    ],
  },
  windowIdempotency: {
    promise: 'each window is evaluated once, also after retries',
    edits: [
      [
        'src/activities/monitoring/bound-windows.ts',
        'const before = task.before ?? initialProgress(task);',
        'const before = initialProgress(task);',
      ],
    ],
  },
  alarmDuringHold: {
    promise: 'an alarm ends a rollout that holds',
    edits: [
      [
        'src/activities/monitoring/poll-traffic.ts',
        'if (firing)',
        'if (firing && (before.reported ?? null) === null)',
      ],
      [
        'src/analysis/verdicts/conclude-poll.ts',
        "if (decision.kind === 'rollBack') return",
        "if (decision.kind === 'rollBack' && poll.reported === null) return",
      ],
    ],
  },
  otherWeights: {
    promise: 'the variants that are not replaced keep their weights',
    edits: [
      [
        'src/activities/endpoint/plan-deploy.ts',
        'if (others === undefined) return false;',
        'if (others !== null) return false;',
      ],
    ],
  },
} satisfies Record<string, Break>;

export async function inCopy<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-mutation-'));
  try {
    for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function breakIn(folder: string, { edits }: Break): Promise<void> {
  for (const [file, original, replacement] of edits) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    assert.equal(text.split(original).length, 2, `expected one occurrence in ${file}: ${original}`);
    await writeFile(
      path,
      text.replace(original, () => replacement),
    );
  }
}
