/** The runbook's steps for a person, as the AWS CLI takes them, bring the baseline back. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { RolloutEndedAbnormally } from '../../../src/client.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { runAws } from '../../clients/scripts.js';
import { readStatus } from '../../e2e/aws-account.js';
import { longBake, specOf } from '../../e2e/specs.js';
import type { Running } from '../../e2e/rollout-under-test.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { commandsUnder } from '../../support/runbook.js';
import { isWhole } from '../seed.js';
import { AnotherHand } from './external-change.js';

const ben = { actor: 'ben', reason: 'a test' };
const limits = { metricsEvery: '10s', limits: { rollBack: '15s' } };
const [setWeights = '', update = ''] = commandsUnder('rollbackFailed');

/** One command, with the names of a live endpoint, until the endpoint is in service again. */
async function take(stage: E2eEnvironment, { endpoint, names }: Running, command: string): Promise<void> {
  const words = command
    .replace('churn', endpoint)
    .replace('BASELINE', 'AllTraffic')
    .replace('CANDIDATE', names.variant.candidate)
    .replace('CONFIG', `${endpoint}-original`)
    .split(' ');
  assert.equal(words[0], 'aws');
  await runAws(stage.emulator.env, ...words.slice(1));
  while ((await readStatus(stage.sagemaker, endpoint)) !== 'InService') await delay(100);
}

/** What the rollout made is left, for it is over. */
async function assertBaselineServes(rollout: Running): Promise<void> {
  const { endpoint } = rollout;
  const { status, config, variants } = await rollout.served();
  assert.deepEqual([status, config], ['InService', `${endpoint}-original`]);
  assert.deepEqual(variants, [{ name: 'AllTraffic', model: `${endpoint}-1`, share: 100, count: 2 }]);
}

// Each command of the CLI takes seconds to start.
if (isWhole) describe('the steps by hand', stepsByHand);

function stepsByHand(this: Mocha.Suite): void {
  // The first start on a machine installs the AWS CLI, and downloads or builds the server.
  this.timeout(900_000);
  let stage: E2eEnvironment;
  before(async () => {
    stage = await E2eEnvironment.open('by-hand');
    await stage.startWorker();
  });
  after(() => stage?.close());

  async function begin(endpoint: string, fields: object): Promise<Running> {
    await stage.putLive(endpoint);
    return stage.start(specOf(endpoint, { serve: limits, ...fields }));
  }

  it('end what was cut short in the middle of a bake', async () => {
    const rollout = await begin('cut', { strategy: longBake });
    await rollout.phase('baking');
    await stage.temporal.workflow.getHandle(workflowIdOf('cut')).terminate('a test');
    await assert.rejects(stage.rollouts.wait('cut'), RolloutEndedAbnormally);
    await take(stage, rollout, setWeights);
    const both = await rollout.served();
    assert.equal(both.variants.find(({ name }) => name === 'AllTraffic')?.share, 100);
    await take(stage, rollout, update);
    await assertBaselineServes(rollout);
  });

  it('bring back a baseline that had lost all its traffic, also without a change of weights first', async () => {
    const rollout = await begin('denied', { rollbackWindow: '10m' });
    await rollout.phase('rollbackWindow');
    const about = '"denied"';
    for (const operation of ['UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities'])
      stage.emulator.faults.add({ operation, kind: 'accessDenied', about, count: 99 });
    await stage.rollouts.undo('denied', ben);
    const { result } = await rollout.expectOutcome('rollbackFailed');
    assert.deepEqual(result.leftovers, [`endpoint config ${rollout.names.sideBySideConfig}`]);
    stage.emulator.faults.clear();
    await take(stage, rollout, update);
    await assertBaselineServes(rollout);
  });

  it('make an endpoint anew that somebody has deleted', async () => {
    const rollout = await begin('erased', { strategy: longBake });
    await rollout.phase('baking');
    await new AnotherHand(stage.sagemaker, rollout).remove();
    await stage.rollouts.abort('erased', ben);
    await rollout.expectOutcome('rollbackFailed');
    const made = { EndpointName: 'erased', EndpointConfigName: 'erased-original' };
    await stage.sagemaker.send(new CreateEndpointCommand(made));
    while ((await readStatus(stage.sagemaker, 'erased')) !== 'InService') await delay(100);
    await assertBaselineServes(rollout);
  });
}
