/** Waves at their documented limits, and their histories against those of Temporal. */
import assert from 'node:assert/strict';
import type { WavesJson } from '../../../src/client.js';
import { Simulation } from '../../../src/simulation/simulation.js';
import type { EventLog } from '../../../src/simulation/temporal/history.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import type { WavesResult } from '../../../src/workflows/waves/messages.js';
import { createModel, createOriginal } from '../../e2e/live-endpoint.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { Fleet } from '../../workflows/waves/fleet.js';
import { inWaves } from '../../workflows/waves/waves-harness.js';

/**
 * The server warns from here on. It ends a run at 50 MB or 51,200 events. Source:
 * https://docs.temporal.io/self-hosted-guide/defaults
 */
const warned = { bytes: 10 * 1024 * 1024, events: 10_240 };

/** A spec file and its golden file together, at the limits of docs/spec.md. */
const largest = { bytes: 1_400_000, records: 500 };
/** A hundred requests of 1.5 kB. */
const realistic = { bytes: 150_000, records: 100 };

const creationMs = 20 * 60_000;

/** Any response matches. */
function goldenOf({ bytes, records }: typeof largest): object[] {
  const features = 'x'.repeat(Math.floor(bytes / records));
  return Array.from({ length: records }, () => ({ body: { features }, expect: {} }));
}

function assertSmall(name: string, { bytes, length }: EventLog): void {
  const found = `${name}: ${bytes} bytes, ${length} events`;
  assert.ok(bytes < warned.bytes && length < warned.events, found);
}

/** Plays the waves in an emulated account, with the activities of a real worker. */
async function release(waves: string[][], golden: object[]): Promise<WavesResult> {
  const simulation = await Simulation.open({
    sandbox: await workflowSandbox(await workflowBundle()),
    pollSeconds: 300,
  });
  const { aws, temporal } = simulation;
  await createModel(aws.sagemaker, 'ranker-new');
  const endpoints = waves.flat();
  for (const endpoint of endpoints) {
    await createModel(aws.sagemaker, `${endpoint}-1`);
    await createOriginal(aws.sagemaker, endpoint);
  }
  await temporal.skip(creationMs);
  const spec: WavesJson = {
    apiVersion: 'penstock/v1',
    name: 'everywhere',
    waves,
    models: { baseline: 'live', candidate: { model: 'ranker-new' } },
    validate: { golden },
    strategy: { standard: { bake: '5m' } },
  };
  const started = simulation.startWaves(spec);
  const result = (await started.result()) as WavesResult;
  for (const id of [started.workflowId, ...endpoints.map(workflowIdOf)])
    for (const run of temporal.runsOf(id)) assertSmall(id, run.history);
  await simulation.close();
  return result;
}

function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `ranker-${from + i}`);
}

describe('histories of waves', () => {
  it('waves: 200 endpoints in 4 waves -> promoted, no history near a limit of Temporal', async () => {
    const waves = [numbered(1), numbered(9, 1), numbered(40, 10), numbered(150, 50)];
    const result = await release(waves, goldenOf(realistic));
    assert.equal(result.reason, '200 promoted');
  });

  it('waves: the largest spec -> promoted, no history near a limit of Temporal', async () => {
    const result = await release([numbered(2), numbered(2, 2)], goldenOf(largest));
    assert.equal(result.reason, '4 promoted');
  });

  it('waves: the largest spec and 200 endpoints -> the spec is in the history of the waves twice', async () => {
    const shorts = numbered(200);
    const fleet = new Fleet(Object.fromEntries(shorts.map((short) => [short, new FakeActivities()])));
    const golden = goldenOf(largest);
    await inWaves(fleet, [shorts], { validate: { golden } }, async (running) => {
      const { outcome } = await running.result();
      assert.equal(outcome, 'promoted');
      const { history } = running.temporal.latest(running.handle.workflowId);
      assertSmall('waves', history);
      const specBytes = JSON.stringify(running.spec).length;
      assert.ok(history.bytes < 2 * specBytes + 1_000_000, `${history.bytes} bytes`);
    });
  });
});
