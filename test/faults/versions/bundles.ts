/** Workflow code of other versions: a copy of the current code with replaced text. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { bundleParts } from '../../../src/workflows/bundle/bundle-parts.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The end of a bake. */
const after = '  control.clearStepPromotion();\n  state.release();\n}';
const settle =
  'await sleep((state.compiledPlan as { settleMs?: number }).settleMs ?? 500, { summary: "settle" });';

/** The next version: it waits after each bake, and a patch keeps running rollouts compatible. */
export function patchedBundle(): Promise<WorkflowBundle> {
  return bundleOf(`if (patched('settle-after-bake')) ${settle}`);
}

/** A change without a patch: it breaks the replay of running rollouts. It also waits before each bake. */
export function unpatchedBundle(): Promise<WorkflowBundle> {
  return bundleOf(settle, 'await sleep(500, { summary: "settle" });');
}

async function bundleOf(atTheEnd: string, atTheBeginning = ''): Promise<WorkflowBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-version-'));
  try {
    for (const part of ['workflows', 'plan'])
      await cp(join(root, 'src', part), join(folder, 'src', part), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const file = join(folder, 'src', 'workflows', 'steps', 'bake.ts');
    const changed = replaceOnce(
      replaceOnce(await readFile(file, 'utf8'), after, `  ${atTheEnd}\n${after}`),
      '  const { state, control',
      `  ${atTheBeginning}\n  const { state, control`,
    );
    await writeFile(file, `import { patched, sleep } from '@temporalio/workflow';\n${changed}`);
    return await bundleWorkflowCode({
      ...bundleParts,
      workflowsPath: join(folder, 'src', 'workflows', 'index.ts'),
      logger: { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function replaceOnce(text: string, part: string, by: string): string {
  assert.equal(
    text.split(part).length,
    2,
    `expected one occurrence in the workflow code; adapt this test to the changed code:\n${part}`,
  );
  return text.replace(part, by);
}
