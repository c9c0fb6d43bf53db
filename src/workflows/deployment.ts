/** Puts the candidate beside the baseline, and tries it before any user meets it. */
import { allowedSeconds } from '../plan/allowances.js';
import { activities } from './acts.js';
import { waitWhilePaused } from './bake.js';
import { bothDeployment } from './deployments.js';
import { restoreBaseline } from './rollback.js';
import type { Rollout } from './run.js';

export async function deployBoth(run: Rollout): Promise<void> {
  await waitWhilePaused(run);
  const { state } = run;
  const { endpoint, limits, rolloutId } = state.frozen;
  const deployment = bothDeployment(state.fleet);
  state.enter('deploying', `bringing the endpoint onto config ${deployment.configName}`);
  state.await('both variants in service', Date.now() + limits.deploySeconds * 1000);
  run.undo.register({
    what: 'put the endpoint back on the baseline alone',
    touchesEndpoint: true,
    run: () => restoreBaseline(run),
  });
  const { deploy } = activities({
    within: limits.deploySeconds,
    summary: `deploy config ${deployment.configName}`,
  });
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  state.wish({ baseline: 100, candidate: 0 });
}

export async function validateCandidate(run: Rollout): Promise<void> {
  const { state } = run;
  const { endpoint, validation } = state.frozen;
  if (!validation) return;
  await waitWhilePaused(run);
  state.enter('validating', 'asking the candidate directly, before any user does');
  const { validate } = activities({
    within: allowedSeconds.validating,
    attempt: 900,
    summary: 'golden answers and latency of the candidate',
  });
  const report = await validate({ endpoint, variant: state.variants.candidate, validation });
  state.note({ kind: 'decision', sentence: `validated: ${report.sentence}` });
}
