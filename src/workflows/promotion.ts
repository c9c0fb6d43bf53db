/** Moves traffic to the candidate, and in the end leaves it alone on the endpoint. */
import { sleep } from '@temporalio/workflow';
import type { Weights } from '../plan/plan.js';
import { activities } from './acts.js';
import { lookOnceMore, waitWhilePaused } from './bake.js';
import { deleteConfigs } from './cleanup.js';
import { winnerDeployment } from './deployments.js';
import type { Rollout } from './run.js';
import { failureCause } from './stop.js';

/** A weight change is done when it has been read back. Before the first, nothing may be firing. */
export async function shiftTraffic(run: Rollout, weights: Weights): Promise<void> {
  const { state } = run;
  if (!state.trafficMoved) await lookOnceMore(run, 'firing only');
  for (;;) {
    const former = state.weights;
    try {
      return await setWeights(run, weights);
    } catch (error) {
      // Someone else's change is not ours to overwrite: hold until it is taken back, or until someone aborts.
      if (failureCause(error)?.type !== 'Drift' || !former) throw error;
      state.wish(former);
      await lookOnceMore(run, 'firing only');
      await sleep('1m', { summary: 'before the next try to set the weights' });
    }
  }
}

async function setWeights({ state }: Rollout, weights: Weights): Promise<void> {
  const { endpoint, limits } = state.frozen;
  state.enter('shifting', `candidate to ${weights.candidate} % of the traffic`);
  state.await('the weights to be read back', Date.now() + limits.shiftSeconds * 1000);
  state.wish(weights);
  const { setWeights } = activities({
    within: limits.shiftSeconds,
    summary: `candidate to ${weights.candidate} %`,
  });
  state.observation = await setWeights({
    endpoint,
    configName: state.names.bothConfig,
    weights: { [state.variants.baseline]: weights.baseline, [state.variants.candidate]: weights.candidate },
  });
}

/** Only the winner stays, under its name, with the instances that it has. */
export async function promoteCandidate(run: Rollout): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId } = state.frozen;
  await waitWhilePaused(run);
  if (state.weights?.candidate !== 100) await shiftTraffic(run, { baseline: 0, candidate: 100 });
  await lookOnceMore(run, 'everything known');
  await waitWhilePaused(run);
  const seen = state.observation?.variants.find((v) => v.name === state.variants.candidate);
  if (!seen) throw new Error('the candidate was not read back');
  const deployment = winnerDeployment(state.fleet, seen.desiredCount);
  state.enter('promoting', `leaving the candidate alone on config ${deployment.configName}`);
  state.await('the candidate alone in service', Date.now() + limits.deploySeconds * 1000);
  const { deploy } = activities({
    within: limits.deploySeconds,
    summary: `deploy config ${deployment.configName}`,
  });
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  state.promoted();
}

/** Only what the rollout made and nobody needs is deleted. Returns what could not be. */
export async function keepWinner(run: Rollout): Promise<string[]> {
  const leftovers = await deleteConfigs(run, 'baseline');
  run.state.end('promoted', `${run.state.models.candidate} serves all traffic, verified`);
  return leftovers;
}
