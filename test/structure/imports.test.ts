import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rules = path.join(root, '.dependency-cruiser.cjs');
const circles = path.join(root, '.dependency-cruiser-circles.cjs');
const program = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

/** The violations in `folder`/src, each as `rule: from -> to`. */
async function findViolations(folder: string, config: string): Promise<string[]> {
  const args = [program, '--config', config, '--output-type', 'json', 'src'];
  const json = await new Promise<string>((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: 50_000_000 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
  const { summary } = JSON.parse(json) as { summary: { totalCruised: number; violations: Violation[] } };
  assert.ok(summary.totalCruised > 0, 'no file was checked');
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${shorten(to)}`).sort();
}

/** A package's name instead of the path of its entry file. */
function shorten(target: string): string {
  return target.replace(/^.*node_modules\/((@[^/]+\/)?[^/]+)\/.*$/, '$1');
}

describe('import rules', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(folder, { recursive: true }));

  async function findViolationsIn(files: Record<string, string>, config = rules): Promise<string[]> {
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folder, 'src', name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return findViolations(folder, config);
  }

  it('import rules: activity imports a workflow -> violation', async () => {
    const violations = await findViolationsIn({
      'activities/endpoint.ts': `import '../workflows/rollout.js';`,
      'workflows/rollout.ts': `import '@temporalio/workflow';`,
    });
    assert.deepEqual(violations, [
      'activities-imports: src/activities/endpoint.ts -> src/workflows/rollout.ts',
    ]);
  });

  it('import rules: workflow reaches a schema library through plan -> violation', async () => {
    const violations = await findViolationsIn({
      'workflows/rollout.ts': `import '../plan/plan.js';`,
      'plan/plan.ts': `import './spec/spec-schema.js';`,
      'plan/spec/spec-schema.ts': `import 'zod';`,
    });
    assert.deepEqual(violations, ['workflows-reaches: src/workflows/rollout.ts -> zod']);
  });

  it('import rules: workflow reaches a Node built-in through plan -> violation', async () => {
    const violations = await findViolationsIn({
      'workflows/rollout.ts': `import '../plan/rollout-id.js';`,
      'plan/rollout-id.ts': `import 'node:crypto';`,
    });
    assert.deepEqual(violations, ['workflows-reaches: src/workflows/rollout.ts -> crypto']);
  });

  it('import rules: workflow imports an AWS client -> violation', async () => {
    const violations = await findViolationsIn({
      'workflows/rollout.ts': `import '@aws-sdk/client-sagemaker';`,
    });
    assert.deepEqual(violations, [
      'workflows-imports: src/workflows/rollout.ts -> @aws-sdk/client-sagemaker',
      'workflows-reaches: src/workflows/rollout.ts -> @aws-sdk/client-sagemaker',
    ]);
  });

  it('import rules: emulator imports plan or an AWS client -> violation', async () => {
    const violations = await findViolationsIn({
      'emulator/endpoints.ts': `import { a } from '../plan/plan.js'; import '@aws-sdk/client-sagemaker'; a();`,
      'plan/plan.ts': `export const a = () => 1;`,
    });
    assert.deepEqual(violations, [
      'emulator-imports: src/emulator/endpoints.ts -> @aws-sdk/client-sagemaker',
      'emulator-imports: src/emulator/endpoints.ts -> src/plan/plan.ts',
    ]);
  });

  it('import rules: client reaches a workflow through messages -> violation', async () => {
    const violations = await findViolationsIn({
      'client.ts': `import './workflows/messages.js';`,
      'workflows/messages.ts': `import './rollout.js';`,
      'workflows/rollout.ts': '',
    });
    assert.deepEqual(violations, ['client-reaches: src/client.ts -> src/workflows/rollout.ts']);
  });

  it('import rules: folder without a row, or schema library outside the spec files -> violation', async () => {
    const violations = await findViolationsIn({
      'extras/a.ts': `import './b.js';`,
      'extras/b.ts': '',
      'plan/steps.ts': `import 'zod';`,
    });
    assert.deepEqual(violations, [
      'in-the-table: src/extras/a.ts -> src/extras/b.ts',
      'schema-only-in-spec-files: src/plan/steps.ts -> zod',
    ]);
  });

  it('import rules: circle of imports, also of types -> violation', async () => {
    const violations = await findViolationsIn(
      {
        'analysis/a.ts': `import './b.js';`,
        'analysis/b.ts': `import './a.js';`,
        'plan/a.ts': `import type { B } from './b.js'; export type A = B | null;`,
        'plan/b.ts': `import { type A } from './a.js'; export type B = A[];`,
      },
      circles,
    );
    assert.deepEqual(violations, [
      'no-circles: src/analysis/a.ts -> src/analysis/b.ts',
      'no-circles: src/plan/a.ts -> src/plan/b.ts',
    ]);
  });

  it('import rules: type imports across folders -> no violation', async () => {
    const violations = await findViolationsIn({
      'workflows/rollout.ts': `import type { A } from '../activities/interface/answers.js'; export const a: A = 1;`,
      'activities/interface/answers.ts': `import type { ZodType } from 'zod'; export type A = number | ZodType;`,
      'emulator/endpoints.ts': `import type { B } from '@aws-sdk/client-sagemaker'; export type C = B;`,
    });
    assert.deepEqual(violations, []);
  });
});
