/** A version is chosen once: for a rollout over its runs, and for all rollouts of waves. */
import assert from 'node:assert/strict';
import type { WavesJson } from '../../../src/client.js';
import { workflowIdOf, type RolloutResult } from '../../../src/workflows/messages.js';
import type { WavesResult } from '../../../src/workflows/waves/messages.js';
import { createModel, createOriginal } from '../../e2e/live-endpoint.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { shortRunsBundle } from '../../workflows/run/frequent-continue-as-new.js';
import { resultOf, until, workflowId } from '../waits/ranker-rollout.js';
import { addVersion, group, groupSpec, marksOf, newest, openWithGroup } from './registry-account.js';

describe('version that was chosen', () => {
  it('continue as new: approved between two runs -> every run has the first version', async () => {
    const simulation = await openWithGroup({ sandbox: await workflowSandbox(await shortRunsBundle()) });
    const first = await addVersion(simulation);
    simulation.startRollout(groupSpec());
    await until(simulation, ({ phase }) => phase === 'baking');
    await addVersion(simulation);
    const result = await resultOf(simulation);
    assert.deepEqual([result.outcome, result.version], ['promoted', first]);
    assert.ok(simulation.temporal.runsOf(workflowId).length > 2);
    await simulation.close();
  });

  it('waves: approved between two waves -> every endpoint gets the first version', async () => {
    const simulation = await openWithGroup();
    const { aws, temporal } = simulation;
    const endpoints = ['ranker-eu', 'ranker-us', 'ranker-ap'];
    for (const endpoint of endpoints) {
      await createModel(aws.sagemaker, `${endpoint}-1`);
      await createOriginal(aws.sagemaker, endpoint);
    }
    await temporal.skip(20 * 60_000);
    const first = await addVersion(simulation);
    const spec: WavesJson = {
      apiVersion: 'penstock/v1',
      name: 'everywhere',
      waves: [['ranker-eu', 'ranker-us'], ['ranker-ap']],
      pauseBetween: '1h',
      models: { baseline: 'live', candidate: newest },
      strategy: { standard: { bake: '5m' } },
    };
    const started = simulation.startWaves(spec);
    await temporal.skip(30 * 60_000);
    const second = await addVersion(simulation);
    const result = (await started.result()) as WavesResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    for (const endpoint of endpoints) {
      const { version } = (await temporal.handle(workflowIdOf(endpoint)).result()) as RolloutResult;
      assert.equal(version, first, endpoint);
    }
    assert.equal((await marksOf(simulation, first))['penstock:endpoint'], 'ranker-ap');
    assert.equal((await marksOf(simulation, second))['penstock:outcome'], undefined);
    await simulation.close();
  });

  it('waves: no approved version -> failed before the first wave, with the reason', async () => {
    const simulation = await openWithGroup();
    const started = simulation.startWaves({
      ...{ apiVersion: 'penstock/v1', name: 'everywhere', waves: [['ranker']] },
      models: { baseline: 'live', candidate: newest },
      strategy: { standard: { bake: '5m' } },
    });
    const { outcome, reason } = (await started.result()) as WavesResult;
    assert.equal(outcome, 'failed');
    assert.match(reason, new RegExp(`^model package group ${group} has no approved version`));
    await simulation.close();
  });
});
