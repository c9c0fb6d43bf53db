/** The AWS CLI commands of the runbook's manual rollback restore the baseline. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { RolloutEndedAbnormally } from '../../../src/client.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { runAws } from '../../clients/scripts.js';
import { readStatus } from '../../e2e/aws-account.js';
import { longBake, specOf } from '../../e2e/specs.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { commandsUnder } from '../../support/runbook.js';
import { isWhole } from '../seed.js';
import { ExternalChange } from './external-change.js';

const ben = { actor: 'ben', reason: 'a test' };
const limits = { metricsEvery: '10s', limits: { rollBack: '15s' } };
const [setWeights = '', update = ''] = commandsUnder('Manual rollback');

/** Runs one command with the names of a live endpoint. Returns when the endpoint is in service again. */
async function runCommand(
  environment: E2eEnvironment,
  { endpoint, names }: RolloutUnderTest,
  command: string,
): Promise<void> {
  const words = command
    .replace('churn', endpoint)
    .replace('BASELINE', 'AllTraffic')
    .replace('CANDIDATE', names.variant.candidate)
    .replace('CONFIG', `${endpoint}-original`)
    .split(' ');
  assert.equal(words[0], 'aws');
  await runAws(environment.emulator.env, ...words.slice(1));
  while ((await readStatus(environment.sagemaker, endpoint)) !== 'InService') await delay(100);
}

/** The resources of the rollout remain: it has ended. */
async function assertBaselineServes(rollout: RolloutUnderTest): Promise<void> {
  const { endpoint } = rollout;
  const { status, config, variants } = await rollout.served();
  assert.deepEqual([status, config], ['InService', `${endpoint}-original`]);
  assert.deepEqual(variants, [{ name: 'AllTraffic', model: `${endpoint}-1`, share: 100, count: 2 }]);
}

// Each command of the CLI takes seconds to start.
if (isWhole) describe('manual rollback', manualRollback);

function manualRollback(this: Mocha.Suite): void {
  // The first start on a machine installs the AWS CLI, and downloads or builds the server.
  this.timeout(900_000);
  let environment: E2eEnvironment;
  before(async () => {
    environment = await E2eEnvironment.open('by-hand');
    await environment.startWorker();
  });
  after(() => environment?.close());

  async function begin(endpoint: string, fields: object): Promise<RolloutUnderTest> {
    await environment.putLive(endpoint);
    return environment.start(specOf(endpoint, { serve: limits, ...fields }));
  }

  it('terminated in a bake: both commands -> the baseline serves', async () => {
    const rollout = await begin('terminated', { strategy: longBake });
    await rollout.phase('baking');
    await environment.temporal.workflow.getHandle(workflowIdOf('terminated')).terminate('a test');
    await assert.rejects(environment.rollouts.wait('terminated'), RolloutEndedAbnormally);
    await runCommand(environment, rollout, setWeights);
    const both = await rollout.served();
    assert.equal(both.variants.find(({ name }) => name === 'AllTraffic')?.share, 100);
    await runCommand(environment, rollout, update);
    await assertBaselineServes(rollout);
  });

  it('rollbackFailed in the rollback window: update-endpoint alone -> the baseline serves', async () => {
    const rollout = await begin('denied', { rollbackWindow: '10m' });
    await rollout.phase('rollbackWindow');
    const about = '"denied"';
    for (const operation of ['UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities'])
      environment.emulator.faults.add({ operation, kind: 'accessDenied', about, count: 99 });
    await environment.rollouts.undo('denied', ben);
    const { result } = await rollout.expectOutcome('rollbackFailed');
    assert.deepEqual(result.leftovers, [`endpoint config ${rollout.names.sideBySideConfig}`]);
    assert.deepEqual((await environment.rollouts.record('denied')).result, result);
    const listed = (await environment.rollouts.list({ all: true })).find((one) => one.endpoint === 'denied');
    assert.deepEqual([listed?.execution, listed?.outcome], ['completed', 'rollbackFailed']);
    environment.emulator.faults.clear();
    await runCommand(environment, rollout, update);
    await assertBaselineServes(rollout);
  });

  it('deleted endpoint: created again on its config -> the baseline serves', async () => {
    const rollout = await begin('erased', { strategy: longBake });
    await rollout.phase('baking');
    await new ExternalChange(environment.sagemaker, rollout).remove();
    await environment.rollouts.abort('erased', ben);
    await rollout.expectOutcome('rollbackFailed');
    const made = { EndpointName: 'erased', EndpointConfigName: 'erased-original' };
    await environment.sagemaker.send(new CreateEndpointCommand(made));
    while ((await readStatus(environment.sagemaker, 'erased')) !== 'InService') await delay(100);
    await assertBaselineServes(rollout);
  });
}
