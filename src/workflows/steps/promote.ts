/** Lets the candidate take over: all traffic first, then the time in which the way back stays open, then alone. */
import { sleep } from '@temporalio/workflow';
import { activities } from '../temporal/activity-proxy.js';
import { lookWhileItMayAdvance } from './wait-until-allowed.js';
import { removeLosers } from './cleanup.js';
import { winnerDeployment } from '../deployment/deployments.js';
import { keepWayBack } from './rollback-window.js';
import type { Rollout } from '../run/context.js';
import { drainSeconds, publishAlone } from '../traffic/published-split.js';
import { shiftTraffic } from './shift-traffic.js';

export async function promoteCandidate(run: Rollout): Promise<void> {
  const { state, notices, memory } = run;
  const { rollbackWindow } = state.frozen;
  await memory.once('all traffic', async () => {
    if (state.weights?.candidate !== 100) await shiftTraffic(run, { baseline: 0, candidate: 100 });
  });
  await memory.once('everything known', async () => {
    await lookWhileItMayAdvance(run, 'everything known');
    notices.send('promoted', `${state.models.candidate} serves all traffic, verified`);
  });
  if (rollbackWindow) await keepWayBack(run, rollbackWindow);
  await leaveAlone(run);
  state.promoted();
}

/** Only the winner stays, under the endpoint's name, with the instances that it has. */
async function leaveAlone(run: Rollout): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.frozen;
  const seen = state.observation?.variants.find((v) => v.name === state.variants.candidate);
  if (!seen) throw new Error('the candidate was not read back');
  const deployment = winnerDeployment(state.fleet, Math.max(seen.desiredCount, 1));
  state.enter('promoting', `leaving the candidate alone on config ${deployment.configName}`);
  state.await('the candidate alone in service', Date.now() + limits.deploySeconds * 1000);
  const { deploy } = activities({
    within: limits.deploySeconds,
    summary: `deploy config ${deployment.configName}`,
  });
  state.makes(endpoint, deployment);
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  publishAlone(state, 'candidate');
  // What the switches have sent to the candidate's own endpoint is answered before it goes.
  if (topology === 'endpoints') await sleep(drainSeconds * 1000, { summary: 'requests in flight' });
}

/** Only what the rollout made and nobody needs is deleted. Returns what could not be. */
export async function keepWinner(run: Rollout): Promise<string[]> {
  const leftovers = await removeLosers(run, 'baseline');
  run.state.end('promoted', `${run.state.models.candidate} serves all traffic, verified`);
  return leftovers;
}
