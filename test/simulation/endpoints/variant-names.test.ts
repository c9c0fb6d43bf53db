/** The names of the variants that a promoted endpoint has. */
import assert from 'node:assert/strict';
import {
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, resultOf, until } from '../waits/ranker-rollout.js';

const spec = (model: number, serve: object, fields: object = {}) =>
  specOf(endpoint, {
    models: { baseline: 'live', candidate: { model: `${endpoint}-${model}` } },
    serve,
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

async function open(options: Partial<SimulationOptions> = {}): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, options);
  await createModel(simulation.aws.sagemaker, `${endpoint}-3`);
  return simulation;
}

/** Name and model of each variant. */
async function variantsOf({ emulator }: Simulation): Promise<string[]> {
  const live = await emulator.observe(endpoint);
  return (live?.variants ?? []).map(({ name, model }) => `${name}: ${model}`);
}

async function targetsOf({ aws }: Simulation): Promise<(string | undefined)[]> {
  const command = new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' });
  const { ScalableTargets = [] } = await aws.autoscaling.send(command);
  return ScalableTargets.map(({ ResourceId }) => ResourceId);
}

describe('variantNames: alternate', () => {
  const alternate = ['blue', 'green'];

  for (const topology of ['variants', 'endpoints'])
    it(`topology ${topology}: three rollouts -> blue, green, blue, each with its own metrics`, async () => {
      const simulation = await open();
      const serve = { topology, variantNames: { alternate } };
      // The guardrail of the switch's traffic needs a switch.
      const fields = topology === 'endpoints' ? { guardrails: [] } : {};
      for (const [model, name] of [
        [2, 'blue'],
        [3, 'green'],
        [2, 'blue'],
      ] as const) {
        simulation.startRollout(spec(model, serve, fields));
        const { variants } = await until(simulation, ({ phase }) => phase === 'baking');
        assert.equal(variants.find(({ role }) => role === 'candidate')?.name, name);
        const { outcome, reason } = await resultOf(simulation);
        assert.equal(outcome, 'promoted', reason);
        assert.deepEqual(await variantsOf(simulation), [`${name}: ${endpoint}-${model}`]);
      }
      await simulation.close();
    });

  it('candidate that fails -> rolled back, the baseline keeps its name, and the next candidate gets the same name', async () => {
    const simulation = await open();
    const serve = { variantNames: { alternate } };
    await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    simulation.startRollout(spec(2, serve));
    assert.equal((await resultOf(simulation)).outcome, 'rolledBack');
    assert.deepEqual(await variantsOf(simulation), [`AllTraffic: ${endpoint}-1`]);
    simulation.startRollout(spec(3, serve));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    assert.deepEqual(await variantsOf(simulation), [`blue: ${endpoint}-3`]);
    await simulation.close();
  });

  it('scaled endpoint -> the scaling is on the name that serves', async () => {
    const simulation = await open();
    await simulation.aws.autoscaling.send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'sagemaker',
        ResourceId: `endpoint/${endpoint}/variant/AllTraffic`,
        ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
        ...{ MinCapacity: 2, MaxCapacity: 6 },
      }),
    );
    simulation.startRollout(spec(2, { variantNames: { alternate } }));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    assert.deepEqual(await targetsOf(simulation), [`endpoint/${endpoint}/variant/blue`]);
    await simulation.close();
  });
});
