/** Promotes: all traffic to the candidate, then the rollback window, then a config with the candidate only. */
import { sleep } from '@temporalio/workflow';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { checkUntilAllowed } from './wait-until-allowed.js';
import { deleteUnusedResources } from './cleanup.js';
import { candidateOnly } from '../deployment/deployments.js';
import { runRollbackWindow } from './rollback-window.js';
import type { RolloutContext } from '../run/context.js';
import { requestDrainSeconds } from '../run/timings.js';
import { publishSingleTarget } from '../traffic/published-split.js';
import { shiftTraffic } from './shift-traffic.js';

export async function promoteCandidate(run: RolloutContext): Promise<void> {
  const { state, notifications, checkpoints } = run;
  const { rollbackWindow } = state.plan;
  await checkpoints.runOnce('all traffic', async () => {
    if (state.weights?.candidate !== 100) await shiftTraffic(run, { baseline: 0, candidate: 100 });
  });
  await checkpoints.runOnce('allKnown', async () => {
    await checkUntilAllowed(run, 'allKnown');
    notifications.send('promoted', `${state.models.candidate} serves all traffic, verified`);
  });
  if (rollbackWindow) await runRollbackWindow(run, rollbackWindow);
  await retireBaseline(run);
  state.markPromoted();
}

/** Moves the endpoint to the candidate only, with the instances that it has. */
async function retireBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.plan;
  const candidate = state.observation?.variants.find((v) => v.name === state.variants.candidate);
  if (!candidate) throw new Error('the candidate was not observed');
  const deployment = candidateOnly(state.deploymentInputs, Math.max(candidate.desiredCount, 1));
  state.enterPhase(
    'promoting',
    `moving the endpoint to config ${deployment.configName}, with the candidate only`,
  );
  state.setWaitingFor(
    'the endpoint to be InService with the candidate only',
    Date.now() + limits.deploySeconds * 1000,
  );
  const { deploy } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.deploySeconds,
    summary: `deploy config ${deployment.configName}`,
  });
  state.recordCreated(endpoint, deployment);
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  publishSingleTarget(state, 'candidate');
  // Requests that switches have sent to the candidate's own endpoint end before it is deleted.
  if (topology === 'endpoints')
    await sleep(requestDrainSeconds * 1000, { summary: 'drain requests in flight' });
}

/** Returns the names of objects that the rollout made and could not delete. */
export async function finishPromotion(run: RolloutContext): Promise<string[]> {
  const leftovers = await deleteUnusedResources(run, 'baseline');
  run.state.end('promoted', `${run.state.models.candidate} serves all traffic, verified`);
  return leftovers;
}
