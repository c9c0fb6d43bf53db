import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { RolloutClient } from '../../../src/client.js';
import { TemporalSplitSource } from '../../../src/client/splits.js';
import { bundleParts, encryptingParts } from '../../../src/workflows/bundle/bundle-parts.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { specOf } from '../../e2e/specs.js';
import { codecOf, newKey } from '../../security/payloads.js';
import { devServer } from '../../support/dev-server.js';
import { Program } from '../server/program.js';
import { control, found } from './canaries.js';
import { evidenceOf, pendingEvidence } from './evidence.js';

const endpoint = 'sealed';
const workflowId = workflowIdOf(endpoint);

describe('a rollout with encrypted payloads', function () {
  this.timeout(500_000);
  const keys = `2026-11:${newKey()},2026-05:${newKey()}`;
  let stage: E2eEnvironment;
  let folder: string;
  let env: Record<string, string>;
  let worker: Program;
  let rollouts: RolloutClient;
  let splits: TemporalSplitSource;

  before(async () => {
    stage = await E2eEnvironment.open('sealed');
    folder = await mkdtemp(join(tmpdir(), 'penstock-sealed-'));
    const { address } = await devServer();
    const { namespace } = stage.temporal.options;
    env = { ...stage.emulator.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    worker = await Program.worker(
      { ...env, PENSTOCK_ENCRYPTION_KEYS: keys },
      { bundlePath: await encryptingBundle(folder) },
    );
    const dataConverter = { payloadCodecs: [codecOf(keys)] };
    const client = new Client({ connection: stage.temporal.connection, namespace, dataConverter });
    rollouts = new RolloutClient(client);
    splits = new TemporalSplitSource(client);
  });
  after(async () => {
    await worker.stop();
    await stage.close();
    await rm(folder, { recursive: true });
  });

  async function penstock(args: string[], keysOf = keys): Promise<{ code: number | null; text: string }> {
    const { code, output } = await Program.penstock(args, { ...env, PENSTOCK_ENCRYPTION_KEYS: keysOf }).ended;
    return { code, text: `${output.stdout}\n${output.stderr}` };
  }

  it('says nothing of its spec, its commands and its failures to who reads Temporal, and works as ever', async () => {
    await stage.putLive(endpoint);
    stage.emulator.faults.add({ operation: 'GetMetricData', kind: 'throttle', count: 3 });
    await rollouts.start(sealedSpec(), { startedBy: control });
    await until(({ phase }) => phase === 'baking');
    const [status, refused, lost] = await Promise.all([
      penstock(['status', endpoint]),
      penstock(['resume', endpoint, '--reason', control]),
      penstock(['status', endpoint], ''),
    ]);
    assert.equal(status.code, 0, status.text);
    assert.ok(status.text.includes(control), 'who has the key reads who started it');
    assert.match(refused.text, /Cannot resume /, 'a refusal made in the workflow is read');
    assert.equal(lost.code, 1);
    assert.match(
      lost.text,
      /encrypted with key "2026-11" cannot be read: PENSTOCK_ENCRYPTION_KEYS has no keys here\. Add that key/,
    );
    const pending = await pendingEvidence(stage.temporal, workflowId);
    const split = await splits.read(endpoint);
    assert.ok(split !== null && split.endpoint === endpoint, 'the switch reads its split');
    await assert.rejects(new TemporalSplitSource(stage.temporal).read(endpoint), 'and not without the key');

    const promoted = await penstock(['promote', endpoint, '--full', '--reason', control]);
    assert.equal(promoted.code, 0, promoted.text);
    await until(({ phase }) => phase === 'ended');
    const { outcome, rolloutId } = await rollouts.wait(endpoint);
    assert.equal(outcome, 'promoted');
    const { plan } = await rollouts.record(endpoint);
    assert.ok(plan !== null && plan.rolloutId === rolloutId, 'the history is read');

    const evidence = `${pending}\n${await evidenceOf(stage.temporal, workflowId)}`;
    assert.deepEqual(
      found(evidence, { control, model: `${endpoint}-2`, metric: 'errorRate', rolloutId: plan.rolloutId }),
      [],
    );
    assert.ok(evidence.includes('binary/encrypted'));
    assert.ok(evidence.includes(workflowId), 'it is the right history');
    assert.ok(worker.said.includes('payloads encrypted'));
  });

  it('goes on where it was begun without a key', async () => {
    const plain = specOf('unsealed', { strategy: { canary: { steps: ['50%'], bake: '10s' } } });
    await stage.putLive('unsealed');
    await stage.rollouts.start(plain, { startedBy: 'ana' });
    const { outcome } = await rollouts.wait('unsealed');
    assert.equal(outcome, 'promoted');
  });

  async function until(what: (status: { phase: string }) => boolean): Promise<void> {
    for (const ends = Date.now() + 200_000; Date.now() < ends; await delay(300))
      if (what(await rollouts.get(endpoint))) return;
    assert.fail(`it never came there: ${JSON.stringify(await rollouts.get(endpoint))} ${worker.said}`);
  }
});

/** Long enough for commands. */
function sealedSpec() {
  return specOf(endpoint, { strategy: { canary: { steps: ['50%'], bake: '10m' } } });
}

/** As the build makes it for workers that encrypt. */
async function encryptingBundle(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    ...bundleParts,
    ...encryptingParts,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} },
  });
  const path = join(folder, 'encrypting.js');
  await writeFile(path, code);
  return path;
}
