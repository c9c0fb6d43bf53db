/** Multi-model endpoints: each request names its model. */
import assert from 'node:assert/strict';
import { timelineQuery } from '../../../src/workflows/messages.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, resultOf, workflowId } from '../waits/ranker-rollout.js';

const spec = (model: string, smoke: object[]) =>
  specOf(endpoint, {
    models: { baseline: 'live', candidate: { model } },
    serve: {},
    validate: { smoke },
    strategy: 'standard',
    guardrails: [],
  });

async function open() {
  const simulation = await openWithEndpoint(endpoint);
  const PrimaryContainer = {
    ...{ Image: 'simulated/many', Mode: 'MultiModel' as const, ModelDataUrl: 's3://bucket/models/' },
  };
  await createModel(simulation.aws.sagemaker, 'many', { PrimaryContainer });
  return simulation;
}

describe('multi-model endpoint', () => {
  it('candidate is multi-model, requests name no model -> refused by the preflight', async () => {
    const simulation = await open();
    simulation.startRollout(spec('many', [{ body: 1 }]));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'model X is a multi-model one; set targetModel in each request of validate');
    await simulation.close();
  });

  it('candidate is not multi-model, a request names a model -> refused by the preflight', async () => {
    const simulation = await open();
    simulation.startRollout(spec(`${endpoint}-2`, [{ body: 1 }, { body: 1, targetModel: 'a.tar.gz' }]));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'model X is no multi-model one; ...');
    await simulation.close();
  });

  it('candidate is multi-model and the live model is not -> a warning, and requests that name a model pass', async () => {
    const simulation = await open();
    simulation.startRollout(spec('many', [{ body: 1, targetModel: 'a.tar.gz' }]));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
    const warnings = timeline.flatMap((entry) => (entry.kind === 'warning' ? [entry.message] : []));
    assert.ok(
      warnings.includes(
        'model many is a multi-model one and model ranker-1 is not; requests that suit one fail on the other',
      ),
      warnings.join(),
    );
    await simulation.close();
  });
});
