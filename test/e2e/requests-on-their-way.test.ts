/**
 * A rollout is aborted while a request of its is on its way to AWS, and arrives seconds later. AWS carries it out: so what
 * takes the rollout back has to come after it, or the job runs on, and the endpoint moves after an `aborted` that was
 * verified.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { eventually } from '../support/dev-server.js';
import { readServed, readStatus } from './aws-account.js';
import { createModel } from './live-endpoint.js';
import type { Running } from './rollout-under-test.js';
import { longTraining, newServe, specOf, trained } from './specs.js';
import { E2eEnvironment } from './e2e-environment.js';

interface Play {
  endpoint: string;
  what: string;
  operation: string;
  isLive: boolean;
  fields: object;
  /** Of what the request has made. */
  assertGone: (rollout: Running) => Promise<void>;
}

const ben = { actor: 'ben', reason: 'looks wrong' };
/** Longer than it takes to take back what a rollout knows of. */
const wayMs = 4_000;
const nothing = { status: undefined, config: undefined, variants: [], configs: [] };

describe('a request that is on its way when its rollout is aborted', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let stage: E2eEnvironment;
  const rollouts = new Map<Play, Running>();

  const plays: Play[] = [
    {
      endpoint: 'late-job',
      what: 'a training job is stopped',
      operation: 'CreateTrainingJob',
      isLive: true,
      fields: { models: { baseline: 'live', candidate: trained('late-job') } },
      async assertGone({ names }) {
        const TrainingJobName = names.singleConfig.candidate;
        const job = await stage.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
        assert.equal(job.TrainingJobStatus, 'Stopped');
      },
    },
    {
      endpoint: 'late-update',
      what: 'a live endpoint comes back to its config',
      operation: 'UpdateEndpoint',
      isLive: true,
      fields: {},
      assertGone: () => Promise.resolve(),
    },
    {
      endpoint: 'late-twin',
      what: 'the candidate’s own endpoint is deleted',
      operation: 'CreateEndpoint',
      isLive: true,
      fields: { serve: { metricsEvery: '10s', topology: 'endpoints' } },
      async assertGone({ names }) {
        const { candidateEndpoint, candidateConfig } = names;
        assert.deepEqual(await readServed(stage.sagemaker, candidateEndpoint, [candidateConfig]), nothing);
      },
    },
    {
      endpoint: 'late-first',
      what: 'an endpoint where there was none is deleted',
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
          await readServed(stage.sagemaker, endpoint, [names.singleConfig.candidate]),
          nothing,
        );
      },
    },
  ];

  async function start(play: Play): Promise<void> {
    const { endpoint, operation, isLive, fields } = play;
    if (isLive) await stage.putLive(endpoint);
    else await createModel(stage.sagemaker, `${endpoint}-2`);
    stage.emulator.faults.add({ operation, kind: 'holdRequest', about: endpoint });
    rollouts.set(play, await stage.start(specOf(endpoint, fields)));
  }

  before(async () => {
    stage = await E2eEnvironment.open('late-requests', longTraining);
    const { faults, held } = stage.emulator;
    await stage.startWorker();
    await Promise.all(plays.map(start));
    const late = await eventually(async () => {
      await delay(200);
      const all = held.list();
      return all.length === plays.length ? all : undefined;
    });
    // Without its config, an update that comes late is refused, and would do no harm.
    faults.add({ operation: 'DeleteEndpointConfig', kind: 'holdRequest', every: 1 });
    await Promise.all(plays.map(({ endpoint }) => stage.rollouts.abort(endpoint, ben)));
    await delay(wayMs);
    for (const { id } of late) held.release(id);
    await delay(1_000);
    faults.clear();
    held.release();
    await Promise.all(plays.map(({ endpoint }) => stage.rollouts.wait(endpoint)));
    // Whatever comes after the end.
    await delay(3_000);
  });
  after(() => stage?.close());

  for (const play of plays) {
    it(`is taken back once it has arrived: ${play.what}`, async () => {
      const rollout = rollouts.get(play);
      assert.ok(rollout);
      const { result } = await rollout.expectOutcome('aborted');
      assert.equal(result.reason, 'aborted by ben: looks wrong');
      if (play.isLive) await rollout.assertOriginal();
      else assert.equal(await readStatus(stage.sagemaker, play.endpoint), undefined);
      await play.assertGone(rollout);
    });
  }
});
