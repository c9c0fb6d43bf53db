/** `penstock plan --from-aws` shows the configs that the rollout then creates. */
import assert from 'node:assert/strict';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
} from '@aws-sdk/client-sagemaker';
import type { MemberDifferences } from '../../../src/activities/endpoint/config-differences.js';
import type { Preview, PreviewedStage } from '../../../src/cli/preview/preview.js';
import { readPreviews } from '../../../src/cli/preview/read-previews.js';
import type { SpecJson } from '../../../src/client.js';
import { compilePlan } from '../../../src/plan/compile/compile-plan.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultAfter, status, workflowId } from '../waits/ranker-rollout.js';
import { openScaled, predefined } from './scaled-endpoint.js';

const spec = (fields: object): SpecJson =>
  specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['50%'], bake: '10m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

/** The names of a preview are examples. */
async function previewOf({ aws, temporal }: Simulation, of: SpecJson) {
  const plan = compilePlan(validateSpec(of), { workflowId, runId: 'not started' });
  const [preview] = await readPreviews([plan], temporal.clock.nowMs, aws);
  assert.ok(preview !== undefined);
  assert.deepEqual(preview.refusals, []);
  return (rolloutId: string) => {
    const [from = '', to = ''] = [plan.rolloutId, rolloutId].map((id) => id.split('-').at(-1) ?? '');
    return JSON.parse(JSON.stringify(preview).replaceAll(from, to)) as Preview;
  };
}

/** The configs that the endpoint has during the rollout, by name, and their order. */
async function configsOf(simulation: Simulation): Promise<Map<string, DescribeEndpointConfigOutput>> {
  const { sagemaker } = simulation.aws;
  const found = new Map<string, DescribeEndpointConfigOutput>();
  for (let result = null; result === null; result = await resultAfter(simulation, minuteMs)) {
    const { EndpointConfigName = '' } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: endpoint }),
    );
    if (!found.has(EndpointConfigName))
      found.set(
        EndpointConfigName,
        await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName })),
      );
  }
  const { EndpointConfigName } = await sagemaker.send(
    new DescribeEndpointCommand({ EndpointName: endpoint }),
  );
  found.set(
    EndpointConfigName ?? '',
    await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName })),
  );
  return found;
}

/** Members of the new object, by the differences. */
function membersAfter({ kept, changed, added }: MemberDifferences, before: object): object {
  const old = Object.entries(before).filter(([member]) => kept.includes(member));
  const set = [...changed, ...added].map(({ member, after }) => [member, after] as const);
  return Object.fromEntries([...old, ...set]);
}

const variantsOf = ({
  ProductionVariants = [],
  ShadowProductionVariants = [],
}: DescribeEndpointConfigOutput) => [...ProductionVariants, ...ShadowProductionVariants];

function assertShown(
  { config, differences }: PreviewedStage,
  configs: Map<string, DescribeEndpointConfigOutput>,
) {
  const made = configs.get(config);
  if (differences === null) return;
  assert.ok(made !== undefined, `${config} is none of ${[...configs.keys()].join()}`);
  const [live] = configs.values();
  const liveVariants = variantsOf(live ?? ({} as DescribeEndpointConfigOutput));
  const expected = differences.variants.map(({ name, comparedWith, ...of }) => ({
    VariantName: name,
    ...membersAfter(of, liveVariants.find(({ VariantName }) => VariantName === comparedWith) ?? {}),
  }));
  assert.deepEqual(variantsOf(made), expected);
}

describe('preview of a rollout', () => {
  const shapes: [what: string, fields: object, open: () => Promise<Simulation>][] = [
    ['canary', {}, () => openWithEndpoint(endpoint)],
    ['autoscaled endpoint', {}, () => openScaled([predefined])],
    [
      'variant that keeps its name',
      { serve: { metricsEvery: '60s', variantNames: 'stable' } },
      () => openWithEndpoint(endpoint),
    ],
    [
      'another count, scaled in both',
      { serve: { metricsEvery: '60s', instance: 'ml.m5.large', count: 4, capacity: 'scaleBoth' } },
      () => openWithEndpoint(endpoint),
    ],
    [
      'shadow, then canary',
      { strategy: [{ shadow: { bake: '10m' } }, { canary: { steps: ['50%'], bake: '10m' } }] },
      () => openWithEndpoint(endpoint),
    ],
    ['blueGreen', { strategy: { blueGreen: { bake: '10m' } } }, () => openWithEndpoint(endpoint)],
  ];
  for (const [what, fields, open] of shapes)
    it(`${what} -> the configs that the rollout creates`, async () => {
      const simulation = await open();
      const preview = await previewOf(simulation, spec(fields));
      simulation.startRollout(spec(fields));
      const configs = await configsOf(simulation);
      const { rolloutId, outcome } = await status(simulation);
      assert.equal(outcome, 'promoted');
      const { stages } = preview(rolloutId ?? '');
      for (const stage of stages) assertShown(stage, configs);
      assert.equal(configs.size, stages.filter(({ differences }) => differences !== null).length + 1);
      await simulation.close();
    });
});
