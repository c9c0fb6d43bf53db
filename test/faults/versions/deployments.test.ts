import assert from 'node:assert/strict';
import { NoWorker } from '../../../src/client.js';
import { longBake, specOf } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { devServer, eventually } from '../../support/dev-server.js';
import { insist } from '../server/moments.js';
import { Program } from '../server/program.js';

const deploymentName = 'penstock';
const ben = { actor: 'ben', reason: 'a test' };

describe('workers that are versions of a Worker Deployment', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('keep the rollouts that began on them, until somebody moves them on', () =>
    E2eEnvironment.withOwnEnvironment('deployments', async (stage) => {
      await Promise.all(['elder', 'younger'].map((endpoint) => stage.putLive(endpoint)));
      const first = await startCurrent(stage, '1');
      const elder = await stage.start(specOf('elder', { strategy: longBake }));
      await elder.phase('baking');
      const second = await startCurrent(stage, '2');
      try {
        await (await stage.start(specOf('younger'))).expectOutcome('promoted');
        assert.equal(await buildOf(stage, 'younger'), '2');
        assert.equal(await buildOf(stage, 'elder'), '1');
        await first.stop();
        await assert.rejects(stage.rollouts.get('elder'), NoWorker);
        await moveOn(stage, 'elder');
        await insist(() => stage.rollouts.abort('elder', ben, { updateId: 'back' }));
        await elder.expectOutcome('aborted');
        assert.equal(await buildOf(stage, 'elder'), '2');
      } finally {
        await Promise.all([first.stop(), second.stop()]);
      }
    }));
});

/** A worker of this build, which new rollouts begin on. */
async function startCurrent(stage: E2eEnvironment, buildId: string): Promise<Program> {
  const { namespace } = stage.temporal.options;
  const worker = await Program.worker(
    {
      ...stage.emulator.env,
      TEMPORAL_ADDRESS: (await devServer()).address,
      TEMPORAL_NAMESPACE: namespace,
    },
    { version: { deployment: deploymentName, buildId, versioningBehavior: 'pinned' } },
  );
  const setCurrent = () =>
    stage.temporal.workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId });
  // Not before the server has heard of the build.
  await eventually(() => setCurrent().catch(() => undefined));
  return worker;
}

/** As `temporal workflow update-options --versioning-override-behavior auto_upgrade` does. */
async function moveOn({ temporal }: E2eEnvironment, endpoint: string): Promise<void> {
  await temporal.workflowService.updateWorkflowExecutionOptions({
    namespace: temporal.options.namespace,
    workflowExecution: { workflowId: `rollout:${endpoint}` },
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override'] },
  });
}

/** The version that carried out its last workflow task. */
async function buildOf({ temporal }: E2eEnvironment, endpoint: string): Promise<string | undefined> {
  const { raw } = await temporal.workflow.getHandle(`rollout:${endpoint}`).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}
