import assert from 'node:assert/strict';
import { NoWorker } from '../../../src/client.js';
import { longBake, specOf } from '../../e2e/specs.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { devServer, eventually } from '../../support/dev-server.js';
import { retryUntilAnswered } from '../server/moments.js';
import { Program } from '../server/program.js';

const deploymentName = 'penstock';
const ben = { actor: 'ben', reason: 'a test' };

describe('Worker Deployment versions', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('pinned rollout: newer worker version becomes current -> stays on its version until an operator moves it', () =>
    E2eEnvironment.withOwnEnvironment('deployments', async (environment) => {
      await Promise.all(['older', 'newer'].map((endpoint) => environment.putLive(endpoint)));
      const first = await startCurrent(environment, '1');
      const older = await environment.start(specOf('older', { strategy: longBake }));
      await older.phase('baking');
      const second = await startCurrent(environment, '2');
      try {
        await (await environment.start(specOf('newer'))).expectOutcome('promoted');
        assert.equal(await buildOf(environment, 'newer'), '2');
        assert.equal(await buildOf(environment, 'older'), '1');
        await first.stop();
        await assert.rejects(environment.rollouts.get('older'), NoWorker);
        await moveToCurrent(environment, 'older');
        await retryUntilAnswered(() => environment.rollouts.abort('older', ben, { updateId: 'back' }));
        await older.expectOutcome('aborted');
        assert.equal(await buildOf(environment, 'older'), '2');
      } finally {
        await Promise.all([first.stop(), second.stop()]);
      }
    }));
});

/** Starts a worker of this build, and makes the build current: new rollouts begin on it. */
async function startCurrent(environment: E2eEnvironment, buildId: string): Promise<Program> {
  const { namespace } = environment.temporal.options;
  const worker = await Program.worker(
    {
      ...environment.emulator.env,
      TEMPORAL_ADDRESS: (await devServer()).address,
      TEMPORAL_NAMESPACE: namespace,
    },
    { version: { deployment: deploymentName, buildId, versioningBehavior: 'pinned' } },
  );
  const setCurrent = () =>
    environment.temporal.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName,
      buildId,
    });
  // The server must know the build first.
  await eventually(() => setCurrent().catch(() => undefined));
  return worker;
}

/** Does the same as `temporal workflow update-options --versioning-override-behavior auto_upgrade`. */
async function moveToCurrent({ temporal }: E2eEnvironment, endpoint: string): Promise<void> {
  await temporal.workflowService.updateWorkflowExecutionOptions({
    namespace: temporal.options.namespace,
    workflowExecution: { workflowId: `rollout:${endpoint}` },
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override'] },
  });
}

/** The version that completed the last workflow task. */
async function buildOf({ temporal }: E2eEnvironment, endpoint: string): Promise<string | undefined> {
  const { raw } = await temporal.workflow.getHandle(`rollout:${endpoint}`).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}
