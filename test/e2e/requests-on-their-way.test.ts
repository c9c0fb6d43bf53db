/**
 * A rollout is aborted while one of its requests is in flight, and the request reaches AWS seconds later. AWS carries it
 * out. The rollback must therefore run after it. Otherwise the job keeps running, or the endpoint changes after a
 * verified `aborted`.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { eventually } from '../support/dev-server.js';
import { readServed, readStatus } from './aws-account.js';
import { createModel } from './live-endpoint.js';
import type { RolloutUnderTest } from './rollout-under-test.js';
import { longTraining, newServe, specOf, trained } from './specs.js';
import { E2eEnvironment } from './e2e-environment.js';

interface Scenario {
  endpoint: string;
  /** The name of the test. */
  it: string;
  operation: string;
  isLive: boolean;
  fields: object;
  /** Asserts that the effect of the request is undone. */
  assertGone: (rollout: RolloutUnderTest) => Promise<void>;
}

const ben = { actor: 'ben', reason: 'looks wrong' };
/** Longer than the rollback of everything else takes. */
const inFlightMs = 4_000;
const nothing = { status: undefined, config: undefined, variants: [], configs: [] };

describe('request in flight during an abort', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let environment: E2eEnvironment;
  const rollouts = new Map<Scenario, RolloutUnderTest>();

  const scenarios: Scenario[] = [
    {
      endpoint: 'late-job',
      it: 'in-flight CreateTrainingJob: rollout is aborted -> job is stopped after it starts',
      operation: 'CreateTrainingJob',
      isLive: true,
      fields: { models: { baseline: 'live', candidate: trained('late-job') } },
      async assertGone({ names }) {
        const TrainingJobName = names.singleConfig.candidate;
        const job = await environment.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
        assert.equal(job.TrainingJobStatus, 'Stopped');
      },
    },
    {
      endpoint: 'late-update',
      it: 'in-flight UpdateEndpoint: rollout is aborted -> live endpoint returns to its original config',
      operation: 'UpdateEndpoint',
      isLive: true,
      fields: {},
      assertGone: () => Promise.resolve(),
    },
    {
      endpoint: 'late-twin',
      it: 'in-flight CreateEndpoint of the candidate: rollout is aborted -> candidate endpoint is deleted',
      operation: 'CreateEndpoint',
      isLive: true,
      fields: { serve: { metricsEvery: '10s', topology: 'endpoints' } },
      async assertGone({ names }) {
        const { candidateEndpoint, candidateConfig } = names;
        assert.deepEqual(
          await readServed(environment.sagemaker, candidateEndpoint, [candidateConfig]),
          nothing,
        );
      },
    },
    {
      endpoint: 'late-first',
      it: 'in-flight CreateEndpoint of a new endpoint: rollout is aborted -> endpoint is deleted',
      operation: 'CreateEndpoint',
      isLive: false,
      fields: {
        models: { candidate: { model: 'late-first-2' } },
        serve: newServe,
        strategy: 'standard',
        guardrails: [],
      },
      async assertGone({ endpoint, names }) {
        assert.deepEqual(
          await readServed(environment.sagemaker, endpoint, [names.singleConfig.candidate]),
          nothing,
        );
      },
    },
  ];

  async function start(scenario: Scenario): Promise<void> {
    const { endpoint, operation, isLive, fields } = scenario;
    if (isLive) await environment.putLive(endpoint);
    else await createModel(environment.sagemaker, `${endpoint}-2`);
    environment.emulator.faults.add({ operation, kind: 'holdRequest', about: endpoint });
    rollouts.set(scenario, await environment.start(specOf(endpoint, fields)));
  }

  before(async () => {
    environment = await E2eEnvironment.open('late-requests', longTraining);
    const { faults, held } = environment.emulator;
    await environment.startWorker();
    await Promise.all(scenarios.map(start));
    const late = await eventually(async () => {
      await delay(200);
      const all = held.list();
      return all.length === scenarios.length ? all : undefined;
    });
    // Without its config AWS would reject a late update, and the test would show nothing.
    faults.add({ operation: 'DeleteEndpointConfig', kind: 'holdRequest', every: 1 });
    await Promise.all(scenarios.map(({ endpoint }) => environment.rollouts.abort(endpoint, ben)));
    await delay(inFlightMs);
    for (const { id } of late) held.release(id);
    await delay(1_000);
    faults.clear();
    held.release();
    await Promise.all(scenarios.map(({ endpoint }) => environment.rollouts.wait(endpoint)));
    // Time for changes after the end.
    await delay(3_000);
  });
  after(() => environment?.close());

  for (const scenario of scenarios) {
    it(scenario.it, async () => {
      const rollout = rollouts.get(scenario);
      assert.ok(rollout);
      const { result } = await rollout.expectOutcome('aborted');
      assert.equal(result.reason, 'aborted by ben: looks wrong');
      if (scenario.isLive) await rollout.assertOriginal();
      else assert.equal(await readStatus(environment.sagemaker, scenario.endpoint), undefined);
      await scenario.assertGone(rollout);
    });
  }
});
