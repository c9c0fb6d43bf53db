/** Lets the candidate take over: all traffic first, then the time in which the way back stays open, then alone. */
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

/** Only the winner stays, under the endpoint's name, with the instances that it has. */
async function retireBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.plan;
  const seen = state.observation?.variants.find((v) => v.name === state.variants.candidate);
  if (!seen) throw new Error('the candidate was not read back');
  const deployment = candidateOnly(state.fleet, Math.max(seen.desiredCount, 1));
  state.enterPhase('promoting', `leaving the candidate alone on config ${deployment.configName}`);
  state.setWaitingFor('the candidate alone in service', Date.now() + limits.deploySeconds * 1000);
  const { deploy } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.deploySeconds,
    summary: `deploy config ${deployment.configName}`,
  });
  state.recordCreated(endpoint, deployment);
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  publishSingleTarget(state, 'candidate');
  // What the switches have sent to the candidate's own endpoint is answered before it goes.
  if (topology === 'endpoints') await sleep(requestDrainSeconds * 1000, { summary: 'drain requests in flight' });
}

/** Only what the rollout made and nobody needs is deleted. Returns what could not be. */
export async function finishPromotion(run: RolloutContext): Promise<string[]> {
  const leftovers = await deleteUnusedResources(run, 'baseline');
  run.state.end('promoted', `${run.state.models.candidate} serves all traffic, verified`);
  return leftovers;
}
