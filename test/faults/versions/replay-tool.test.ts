import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { startChild } from '../../../src/processes/child.js';
import { toolsPath } from '../../../src/servers/pinned-versions.js';
import { collectOutput } from '../../../src/servers/run-tool.js';
import { workflowBundleFile } from '../../support/workflow-bundle.js';
import { unpatchedBundle } from './bundles.js';

const history = fileURLToPath(
  new URL('../../replay/histories/rolled-back-by-a-guardrail.json', import.meta.url),
);

describe('tools/replay.mjs', () => {
  it('tools/replay.mjs: current workflow code -> exit code 0, reports that the rollout can continue', async () => {
    const { code, stdout } = await replay(await workflowBundleFile());
    assert.deepEqual([code, stdout], [0, `${history}: can continue\n`]);
  });

  it('tools/replay.mjs: incompatible workflow code -> exit code 1, reports the non-determinism', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-replay-'));
    try {
      const bundle = join(folder, 'bundle.js');
      await writeFile(bundle, (await unpatchedBundle()).code);
      const { code, stdout } = await replay(bundle);
      assert.equal(code, 1);
      assert.match(stdout, /cannot continue: .*Nondeterminism/i);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function replay(bundle: string): Promise<{ code: number | null; stdout: string }> {
  const child = startChild(process.execPath, [toolsPath('replay.mjs'), bundle, history]);
  const output = collectOutput(child);
  const [code] = (await once(child.process, 'close')) as [number | null];
  return { code, stdout: output.stdout };
}
