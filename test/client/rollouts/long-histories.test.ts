import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { RolloutClient } from '../../../src/client.js';
import { splitMemoKey } from '../../../src/plan/split/split.js';
import { attributes, workflowIdOf } from '../../../src/workflows/messages.js';
import { devServer, eventually } from '../../support/dev-server.js';
import { shortRunsBundle } from '../../workflows/run/frequent-continue-as-new.js';
import { bakingWorld, isBaking, until, withWorker } from '../dev-world.js';

const ben = { actor: 'ben', reason: 'a test' };

/** The data of a run that needs no worker. */
async function readRun(handle: WorkflowHandle) {
  const { runId, memo, typedSearchAttributes } = await handle.describe();
  const { endpoint, strategy, phase, candidateWeight } = attributes;
  const texts = [endpoint, strategy, phase].map((key) => typedSearchAttributes.get(key));
  const found = [...texts, typedSearchAttributes.get(candidateWeight)];
  return { runId, split: memo?.[splitMemoKey], startedBy: memo?.['startedBy'], found };
}

describe('a rollout after continue-as-new', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('continued rollout: get, wait, list, commands and record -> the same rollout', async () => {
    const { client } = await devServer();
    const rollouts = new RolloutClient(client);
    const handle = client.workflow.getHandle(workflowIdOf('long-history'));
    await withWorker(
      bakingWorld(),
      async () => {
        const started = await rollouts.start(
          { endpoint: 'long-history', apiVersion: 'penstock/v1' },
          { startedBy: 'ana' },
        );
        const waiting = rollouts.wait('long-history', { runId: started.runId });
        await until(rollouts, 'long-history', isBaking);
        const before = await readRun(handle);
        assert.notEqual(before.split, undefined, 'no split is published');
        for (let i = 0; i < 10; i++) {
          await rollouts.pause('long-history', ben);
          await rollouts.resume('long-history', ben);
        }
        const { after, listed } = await eventually(() => readConsistent(handle, rollouts));
        assert.notEqual(after.runId, before.runId, 'expected a second run');
        assert.deepEqual({ ...after, runId: '' }, { ...before, runId: '' });
        const { startedAt } = await rollouts.get('long-history');
        assert.equal(listed.startedAt, startedAt, 'the list has the start of the last run');
        await rollouts.promote('long-history', { ...ben, full: true });
        const result = await waiting;
        assert.equal(result.outcome, 'promoted', result.reason);
      },
      {},
      shortRunsBundle(),
    );
    const record = await rollouts.record('long-history');
    assert.equal(record.plan?.rolloutId, 'digits-0123abcd');
    assert.equal(record.starting?.kind, 'live');
    assert.equal(record.result?.outcome, 'promoted');
  });
});

/** The list is eventually consistent: its entry and the server's data, once they agree on one run. */
async function readConsistent(handle: WorkflowHandle, rollouts: RolloutClient) {
  const listed = (await rollouts.list()).filter(({ endpoint }) => endpoint === 'long-history');
  const after = await readRun(handle);
  const [only, ...others] = listed;
  return only?.runId === after.runId && others.length === 0 ? { after, listed: only } : undefined;
}
