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

describe('encrypted payloads', function () {
  this.timeout(1_800_000);
  const keys = `2026-11:${newKey()},2026-05:${newKey()}`;
  let environment: E2eEnvironment;
  let folder: string;
  let env: Record<string, string>;
  let worker: Program;
  let rollouts: RolloutClient;
  let splits: TemporalSplitSource;

  before(async () => {
    environment = await E2eEnvironment.open('sealed');
    folder = await mkdtemp(join(tmpdir(), 'penstock-sealed-'));
    const { address } = await devServer();
    const { namespace } = environment.temporal.options;
    env = { ...environment.emulator.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    worker = await Program.worker(
      { ...env, PENSTOCK_ENCRYPTION_KEYS: keys },
      { bundlePath: await encryptingBundle(folder) },
    );
    const dataConverter = { payloadCodecs: [codecOf(keys)] };
    const client = new Client({ connection: environment.temporal.connection, namespace, dataConverter });
    rollouts = new RolloutClient(client);
    splits = new TemporalSplitSource(client);
  });
  after(async () => {
    await worker.stop();
    await environment.close();
    await rm(folder, { recursive: true });
  });

  async function penstock(args: string[], keysOf = keys): Promise<{ code: number | null; text: string }> {
    const program = await Program.penstock(args, { ...env, PENSTOCK_ENCRYPTION_KEYS: keysOf });
    const { code, output } = await program.ended;
    return { code, text: `${output.stdout}\n${output.stderr}` };
  }

  it('encrypted rollout: without the key -> Temporal shows no spec, command or failure; with it -> works as usual', async () => {
    await environment.putLive(endpoint);
    environment.emulator.faults.add({ operation: 'GetMetricData', kind: 'throttle', count: 3 });
    await rollouts.start(sealedSpec(), { startedBy: control });
    await until(({ phase }) => phase === 'baking');
    const [status, rejected, withoutKey] = await Promise.all([
      penstock(['status', endpoint]),
      penstock(['resume', endpoint, '--reason', control]),
      penstock(['status', endpoint], ''),
    ]);
    assert.equal(status.code, 0, status.text);
    assert.ok(status.text.includes(control), 'a client with the key reads who started the rollout');
    assert.match(rejected.text, /Cannot resume /, "a client with the key reads the workflow's rejection");
    assert.equal(withoutKey.code, 1);
    assert.match(
      withoutKey.text,
      /encrypted with key "2026-11": PENSTOCK_ENCRYPTION_KEYS has no keys; add the missing key/,
    );
    const pending = await pendingEvidence(environment.temporal, workflowId);
    const split = await splits.read(endpoint);
    assert.ok(split !== null && split.endpoint === endpoint, 'the switch reads its split');
    await assert.rejects(new TemporalSplitSource(environment.temporal).read(endpoint), 'not without the key');

    const promoted = await penstock(['promote', endpoint, '--full', '--reason', control]);
    assert.equal(promoted.code, 0, promoted.text);
    await until(({ phase }) => phase === 'ended');
    const { outcome, rolloutId } = await rollouts.wait(endpoint);
    assert.equal(outcome, 'promoted');
    const { plan } = await rollouts.record(endpoint);
    assert.ok(plan !== null && plan.rolloutId === rolloutId, 'a client with the key reads the history');

    const evidence = `${pending}\n${await evidenceOf(environment.temporal, workflowId)}`;
    assert.deepEqual(
      found(evidence, { control, model: `${endpoint}-2`, metric: 'errorRate', rolloutId: plan.rolloutId }),
      [],
    );
    assert.ok(evidence.includes('binary/encrypted'));
    assert.ok(evidence.includes(workflowId), 'the evidence has the right history');
    assert.ok(worker.printed.includes('payloads encrypted'));
  });

  it('unencrypted rollout: worker with a key takes it over -> promoted', async () => {
    const plain = specOf('unsealed', { strategy: { canary: { steps: ['50%', '100%'], bake: '10s' } } });
    await environment.putLive('unsealed');
    await environment.rollouts.start(plain, { startedBy: 'ana' });
    const { outcome } = await rollouts.wait('unsealed');
    assert.equal(outcome, 'promoted');
  });

  async function until(condition: (status: { phase: string }) => boolean): Promise<void> {
    for (const ends = Date.now() + 900_000; Date.now() < ends; await delay(300))
      if (condition(await rollouts.get(endpoint))) return;
    const status = JSON.stringify(await rollouts.get(endpoint));
    assert.fail(`the condition was never met: ${status} ${worker.printed}`);
  }
});

/** With a bake that is long enough for commands. */
function sealedSpec() {
  return specOf(endpoint, {
    strategy: { canary: { steps: ['50%', { share: '100%', bake: '10s' }], bake: '10m' } },
  });
}

/** The bundle that the build makes for workers with encryption. */
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
