/** A rollout runs only under the workflow id that locks its endpoint. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../../src/client.js';
import type { RolloutResult } from '../../../src/workflows/messages.js';
import type { WavesResult } from '../../../src/workflows/waves/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';

const spec = specOf('shop', { guardrails: [] });

async function resultUnder(workflowId: string, started: SpecJson): Promise<RolloutResult> {
  const simulation = await openWithEndpoint('shop');
  const { temporal } = simulation;
  const beganMs = temporal.clock.nowMs;
  const result = (await temporal.start('rollout', { workflowId, args: [started] }).result()) as RolloutResult;
  if (result.outcome === 'failed') assert.ok(temporal.clock.nowMs - beganMs < 1_000, 'it ends at once');
  await simulation.close();
  return result;
}

describe('workflow id of a rollout', () => {
  it('rollout: workflow id of its endpoint, in lower case -> runs', async () => {
    assert.equal((await resultUnder('rollout:shop', spec)).outcome, 'promoted');
  });

  for (const workflowId of [
    // A Temporal Schedule appends the time to the workflow id.
    'rollout:shop-workflow-2026-11-30T05:00:00Z',
    'rollout:Shop',
    'rollout:shop2',
    'shop',
  ])
    it(`rollout: workflow id ${workflowId} -> failed at once, with the id to use`, async () => {
      const { outcome, reason, serving } = await resultUnder(workflowId, spec);
      assert.deepEqual([outcome, serving], ['failed', null]);
      assertRunbookEntry(reason, 'cannot run the rollout of churn under the workflow id X: ...');
      assert.match(reason, /; start it under the workflow id rollout:shop$/);
    });

  it('rollout: another workflow id while the rollout of the endpoint runs -> no effect on it', async () => {
    const simulation = await openWithEndpoint('shop');
    const { temporal } = simulation;
    const first = simulation.startRollout(spec);
    await temporal.skip(60_000);
    const second = temporal.start('rollout', { workflowId: 'rollout:shop-2', args: [spec] });
    assert.equal(((await second.result()) as RolloutResult).outcome, 'failed');
    assert.equal(((await first.result()) as RolloutResult).outcome, 'promoted');
    await simulation.close();
  });

  it('waves: workflow id of another name -> failed at once, with the id to use', async () => {
    const simulation = await openWithEndpoint('shop');
    const { endpoint, ...shared } = spec;
    const waves = { ...shared, name: 'Everywhere', waves: [[endpoint]] };
    const { temporal } = simulation;
    const started = temporal.start('rolloutWaves', { workflowId: 'waves:nightly', args: [waves] });
    const { outcome, reason, rollouts } = (await started.result()) as WavesResult;
    assert.deepEqual([outcome, rollouts], ['failed', []]);
    assertRunbookEntry(reason, 'cannot run the waves X under the workflow id X: ...');
    assert.match(reason, /; start it under the workflow id waves:everywhere$/);
    await simulation.close();
  });
});
