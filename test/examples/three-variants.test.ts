/** The example of several variants, played on an endpoint that has them. */
import assert from 'node:assert/strict';
import { CreateEndpointConfigCommand, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import type { SpecJson } from '../../src/client/start-options.js';
import { createModel } from '../e2e/live-endpoint.js';
import { readExample } from '../plan/examples.js';
import { openWithEndpoint } from '../simulation/simulated-account.js';
import { rolloutResult } from '../support/rollout-result.js';

const file = 'three-variants.yaml';

describe('example of several variants', () => {
  it(`examples/${file}: promoted -> one model is replaced, and each variant has the share that it had`, async () => {
    const spec = parseSpec(readExample(file), file).json as SpecJson;
    const { endpoint } = spec;
    const simulation = await openWithEndpoint(endpoint);
    const { aws, emulator, temporal } = simulation;
    await createModel(aws.sagemaker, 'ranking-large-8');
    const variants = Object.entries({ small: 60, large: 30, experimental: 10 });
    await aws.sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: 'three',
        ProductionVariants: variants.map(([VariantName, InitialVariantWeight]) => ({
          ...{ VariantName, InitialVariantWeight, ModelName: `${endpoint}-1` },
          ...{ InstanceType: 'ml.m5.large', InitialInstanceCount: 2 },
        })),
      }),
    );
    await aws.sagemaker.send(
      new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: 'three' }),
    );
    await temporal.skip(20 * 60_000);
    const result = await rolloutResult(simulation.startRollout(spec).result());
    assert.equal(result.outcome, 'promoted', result.reason);
    const live = await emulator.observe(endpoint);
    assert.deepEqual(live?.variants.map(({ name, model, weight }) => [name, model, weight]).sort(), [
      ['experimental', `${endpoint}-1`, 10],
      ['large-next', 'ranking-large-8', 30],
      ['small', `${endpoint}-1`, 60],
    ]);
    await simulation.close();
  });
});
