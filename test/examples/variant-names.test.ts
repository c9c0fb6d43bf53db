/** The examples of variant names, played twice in a row on the endpoint that they name. */
import assert from 'node:assert/strict';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import type { SpecJson } from '../../src/client/start-options.js';
import { createModel } from '../e2e/live-endpoint.js';
import { readExample } from '../plan/examples.js';
import { openWithEndpoint } from '../simulation/simulated-account.js';
import { rolloutResult } from '../support/rollout-result.js';

const examples: [file: string, names: string[]][] = [
  ['alternate-names.yaml', ['blue', 'green']],
  ['stable-names.yaml', ['AllTraffic', 'AllTraffic']],
];

describe('examples of variant names', () => {
  for (const [file, names] of examples)
    it(`examples/${file}: two rollouts -> the variant is ${names.join(', then ')}`, async () => {
      const spec = parseSpec(readExample(file), file).json as SpecJson;
      const { endpoint } = spec;
      const simulation = await openWithEndpoint(endpoint);
      const { candidate } = spec['models'] as { candidate: { model: string } };
      for (const [i, name] of names.entries()) {
        const model = `${candidate.model}-${i}`;
        await createModel(simulation.aws.sagemaker, model);
        const models = { baseline: 'live', candidate: { model } };
        const result = await rolloutResult(simulation.startRollout({ ...spec, models }).result());
        assert.equal(result.outcome, 'promoted', result.reason);
        const live = await simulation.emulator.observe(endpoint);
        assert.deepEqual(
          live?.variants.map((variant) => [variant.name, variant.model]),
          [[name, model]],
        );
      }
      await simulation.close();
    });
});
