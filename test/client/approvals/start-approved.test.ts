/** The Lambda function's bundle, on a real Temporal server. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { RolloutClient } from '../../../src/client.js';
import type { ApprovalResult } from '../../../src/client/approvals/start-approved.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { devServer } from '../../support/dev-server.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { bakingWorld, isBaking, until, withWorker } from '../dev-world.js';
import { approvalEvent } from './approval.js';

const run = promisify(execFile);
const ben = { actor: 'ben', reason: 'a test' };

const specOf = (endpoint: string) => `
apiVersion: penstock/v1
endpoint: ${endpoint}
models:
  baseline: live
  candidate:
    group: churn
    approved: newest
    role: 'arn:aws:iam::111122223333:role/serve'
    settings: { PrimaryContainer: { Environment: { LEVEL: info } } }
strategy: standard
`;

const arnOf = (version: number) => `arn:aws:sagemaker:us-east-2:111122223333:model-package/churn/${version}`;

/** Approved now. */
const approvalOf = (version: number, id: string, detail: object = {}) =>
  approvalEvent(
    { ModelPackageArn: arnOf(version), LastModifiedTime: new Date().toISOString(), ...detail },
    id,
  );

describe('function that starts rollouts of approved versions', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const entry = fileURLToPath(new URL('../../../src/approvals.ts', import.meta.url));
    // As `npm run approvals` does, from the source.
    await build({
      entryPoints: [entry],
      outfile: path.join(folder, 'index.js'),
      ...{ bundle: true, platform: 'node', target: 'node20', format: 'cjs', logLevel: 'error' },
    });
  });
  after(() => rm(folder, { recursive: true }));

  /** Each event in a new process, as in a new container of Lambda. Rejects as the handler does. */
  async function deliver(endpoint: string, event: unknown): Promise<ApprovalResult | { result: 'ignored' }> {
    const { address } = await devServer();
    const file = `${endpoint}.yaml`;
    await writeFile(path.join(folder, file), specOf(endpoint));
    const script = `require('./index.js').handler(JSON.parse(process.argv[1])).then(
      (result) => { console.log(JSON.stringify(result)); process.exit(0); },
      (error) => { console.log(JSON.stringify({ name: error.name, message: error.message })); process.exit(0); })`;
    const { stdout } = await run(process.execPath, ['-e', script, JSON.stringify(event)], {
      cwd: folder,
      env: { PATH: process.env['PATH'], TEMPORAL_ADDRESS: address, PENSTOCK_ROLLOUT_SPEC: file },
    });
    const answer = JSON.parse(stdout) as ApprovalResult & { name?: string; message?: string };
    if (answer.name !== undefined) throw Object.assign(new Error(answer.message), { name: answer.name });
    return answer;
  }

  it('approval: delivered twice, also at once and after the end -> one rollout, of the version of the event', async () => {
    const { client } = await devServer();
    const rollouts = new RolloutClient(client);
    const endpoint = 'approved';
    await withWorker(bakingWorld(), async () => {
      const at = { LastModifiedTime: new Date().toISOString() };
      const both = await Promise.all(
        ['1', '2'].map((id) => deliver(endpoint, approvalOf(2, id, at)) as Promise<ApprovalResult>),
      );
      assert.deepEqual(both.map(({ result }) => result).sort(), ['duplicate', 'started']);
      assert.equal(both[0]?.runId, both[1]?.runId);
      await until(rollouts, endpoint, isBaking);
      const summary = await rollouts.latest(endpoint);
      assert.deepEqual([summary.approvedVersion, summary.startedBy], [arnOf(2), 'registry:churn']);
      const { events } = await client.workflow.getHandle(workflowIdOf(endpoint)).fetchHistory();
      const started = events?.[0]?.workflowExecutionStartedEventAttributes;
      const spec = JSON.parse(Buffer.from(started?.input?.payloads?.[0]?.data ?? []).toString()) as {
        models: { candidate: object };
      };
      assert.deepEqual(spec.models.candidate, {
        package: arnOf(2),
        role: 'arn:aws:iam::111122223333:role/serve',
        settings: { PrimaryContainer: { Environment: { LEVEL: 'info' } } },
      });
      assert.equal((await deliver(endpoint, approvalOf(2, '3', at))).result, 'duplicate');
      await rollouts.abort(endpoint, ben);
      await rollouts.wait(endpoint);
      assert.equal((await deliver(endpoint, approvalOf(2, '4', at))).result, 'duplicate');
      assert.equal((await rollouts.latest(endpoint)).runId, both[0]?.runId);
      // The version was rejected and approved again, some time later.
      const later = { LastModifiedTime: new Date(Date.now() + 120_000).toISOString() };
      const again = (await deliver(endpoint, approvalOf(2, '5', later))) as ApprovalResult;
      assert.equal(again.result, 'started');
      assert.notEqual(again.runId, both[0]?.runId);
      await rollouts.abort(endpoint, ben);
      await rollouts.wait(endpoint);
    });
  });

  it('approval: another rollout runs -> fails, names it, and the delivery after its end starts', async () => {
    const { client } = await devServer();
    const rollouts = new RolloutClient(client);
    const endpoint = 'occupied';
    await withWorker(bakingWorld(), async () => {
      await rollouts.start({ endpoint, apiVersion: 'penstock/v1' }, { startedBy: 'ana' });
      await until(rollouts, endpoint, isBaking);
      const event = approvalOf(3, '1');
      await assert.rejects(deliver(endpoint, event), (error: Error) => {
        assert.equal(error.name, 'RolloutAlreadyRunning');
        assertRunbookEntry(error.message, 'A rollout of churn is already running (...), ...');
        return error.message.includes('started by ana');
      });
      await rollouts.abort(endpoint, ben);
      await rollouts.wait(endpoint);
      assert.equal((await deliver(endpoint, event)).result, 'started');
      await rollouts.abort(endpoint, ben);
      await rollouts.wait(endpoint);
    });
  });

  it('other events -> ignored; approval of another group -> rejected, nothing is started', async () => {
    const marks = approvalOf(4, '1', { UpdatedModelPackageFields: ['CustomerMetadataProperties'] });
    assert.deepEqual(await deliver('unmoved', marks), { result: 'ignored' });
    await assert.rejects(
      deliver('unmoved', approvalOf(4, '2', { ModelPackageGroupName: 'fraud' })),
      (error: Error) => {
        assertRunbookEntry(
          error.message.replaceAll('unmoved', 'churn'),
          'Cannot roll out a version of model package group G on churn: ...',
        );
        return error.name === 'WrongGroup';
      },
    );
    const { client } = await devServer();
    await assert.rejects(new RolloutClient(client).latest('unmoved'), { name: 'RolloutNotFound' });
  });
});
