/** The last update of a spec that says nothing about names: strategies, someone else's config, and refusals of AWS. */
import assert from 'node:assert/strict';
import { CreateEndpointConfigCommand, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { FaultKind } from '../../../src/emulator/account/faults.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { abortSignal } from '../../../src/workflows/messages.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, status, until, workflowId } from '../waits/ranker-rollout.js';

const spec = (fields: object = {}) =>
  specOf(endpoint, {
    serve: {},
    strategy: { canary: { steps: ['50%', '100%'], bake: '1m' } },
    guardrails: [],
    ...fields,
  });

const lastUpdate = { operation: 'UpdateEndpoint', match: { EndpointConfigName: '*-b' } } as const;

const isUpdating = ({ emulator }: Simulation) =>
  emulator.calls
    .of('UpdateEndpoint')
    .some(({ parameters }) => String(parameters.EndpointConfigName).endsWith('-b'));

async function variantsOf({ emulator }: Simulation): Promise<string[]> {
  const live = await emulator.observe(endpoint);
  return (live?.variants ?? []).map(({ name, model, weight }) => `${name}: ${weight} of ${model}`);
}

const configOf = async ({ emulator }: Simulation) => (await emulator.observe(endpoint))?.config;

const update = ({ aws }: Simulation, EndpointConfigName: string | undefined) =>
  aws.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));

const promoted = [`AllTraffic: 100 of ${endpoint}-2`];

/** Someone else's config: another model under the baseline's name. */
async function putHotfix({ aws }: Simulation): Promise<void> {
  await createModel(aws.sagemaker, `${endpoint}-3`);
  const variant = { VariantName: 'AllTraffic', ModelName: `${endpoint}-3`, InstanceType: 'ml.m5.large' };
  await aws.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'hotfix',
      ProductionVariants: [
        { ...variant, InstanceType: 'ml.m5.large', InitialInstanceCount: 2, InitialVariantWeight: 1 },
      ],
    }),
  );
}

/** The last update has its effect while no worker runs, then someone else moves the endpoint to their config. */
async function replaceDuringLastUpdate(
  drift: string,
): Promise<{ simulation: Simulation; ours: string | undefined }> {
  const simulation = await openWithEndpoint(endpoint);
  const { temporal } = simulation;
  await putHotfix(simulation);
  simulation.startRollout(spec({ drift }));
  while (!isUpdating(simulation)) await temporal.skip(1_000);
  temporal.worker.kill();
  await temporal.skip(20 * minuteMs);
  const ours = await configOf(simulation);
  await update(simulation, 'hotfix');
  await temporal.skip(20 * minuteMs);
  temporal.worker.start();
  return { simulation, ours };
}

describe('last update of the default names', () => {
  const chains: [name: string, strategy: unknown][] = [
    ['standard', { standard: { bake: '5m' } }],
    ['blueGreen', { blueGreen: { bake: '5m' } }],
    ['linear', { linear: { by: '50%', every: '5m' } }],
    ['shadow, then canary', [{ shadow: { mirror: '50%' } }, { canary: { steps: ['50%'], bake: '5m' } }]],
  ];
  for (const [name, strategy] of chains)
    it(`strategy ${name} -> promoted under the baseline's name`, async () => {
      const simulation = await openWithEndpoint(endpoint);
      simulation.startRollout(spec({ strategy }));
      const { outcome, reason, leftovers } = await resultOf(simulation);
      assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
      assert.deepEqual(await variantsOf(simulation), promoted);
      await simulation.close();
    });

  it("someone else's config with the same name replaces it -> held, not overwritten; undone -> promoted", async () => {
    const { simulation, ours } = await replaceDuringLastUpdate('hold');
    await until(simulation, ({ hold }) => hold?.reason === 'drift');
    await simulation.temporal.skip(60 * minuteMs);
    assert.equal((await status(simulation)).hold?.reason, 'drift');
    assert.equal(await configOf(simulation), 'hotfix');
    await update(simulation, ours);
    const { outcome, reason, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
    assert.deepEqual(await variantsOf(simulation), promoted);
    await simulation.close();
  });

  it("someone else's config with the same name replaces it, drift revert -> the candidate's model under that name", async () => {
    const { simulation } = await replaceDuringLastUpdate('revert');
    const { outcome, reason, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
    assert.deepEqual(await variantsOf(simulation), promoted);
    await simulation.close();
  });

  it("someone else's config with the same name replaces it, then abort -> the baseline's model", async () => {
    const { simulation } = await replaceDuringLastUpdate('hold');
    await until(simulation, ({ hold }) => hold?.reason === 'drift');
    await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
    const { outcome, reason, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['aborted', []], reason);
    assert.deepEqual(await variantsOf(simulation), [`AllTraffic: 1 of ${endpoint}-1`]);
    await simulation.close();
  });

  const lasting: [kind: FaultKind, why: RegExp][] = [
    ['noCapacity', /capacity/i],
    ['quota', /limit/i],
    ['accessDenied', /not authorized/],
  ];
  for (const [kind, why] of lasting)
    it(`${kind} for as long as it is tried -> promoted all the same, the baseline's variant is left over without traffic`, async () => {
      const simulation = await openWithEndpoint(endpoint, {
        account: { faults: [{ ...lastUpdate, kind, count: 1_000 }] },
      });
      simulation.startRollout(spec());
      const { hold } = await until(simulation, ({ hold }) => hold?.reason === 'tidying');
      assert.match(hold?.message ?? '', why);
      const { outcome, leftovers, serving } = await resultOf(simulation);
      assert.deepEqual([outcome, serving], ['promoted', `${endpoint}-2`]);
      assert.deepEqual(leftovers, [`variant AllTraffic of endpoint ${endpoint}`]);
      const [kept, candidate] = await variantsOf(simulation);
      assert.equal(kept, `AllTraffic: 0 of ${endpoint}-1`);
      assert.match(candidate ?? '', /^b-[0-9a-f]{8}: 100 of ranker-2$/);
      await simulation.close();
    });
});
