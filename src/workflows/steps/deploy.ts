/** Puts the candidate where its requests can reach it, and tries it before any user meets it. */
import { sleep } from '@temporalio/workflow';
import { allowedSeconds } from '../../plan/schedule/timeouts.js';
import type { Arrangement } from '../../plan/compiled/step.js';
import { activities } from '../temporal/activity-proxy.js';
import { mayAdvance } from './wait-until-allowed.js';
import { countsSeen } from '../deployment/capacity.js';
import { placementsOf } from '../deployment/deployments.js';
import type { Rollout } from '../run/context.js';
import { followSeconds, publishSplit } from '../traffic/published-split.js';
import { untilAsFound } from './untouched.js';

export async function deployArrangement(run: Rollout, arrangement: Arrangement): Promise<void> {
  const { state } = run;
  const { limits, rolloutId, topology } = state.frozen;
  if (state.arrangement === null) {
    await untilAsFound(run);
    const what =
      arrangement.kind === 'alone' ? 'remove the endpoint' : 'put the endpoint back on the baseline alone';
    run.undo.register({ kind: 'restoreBaseline', what });
  } else await mayAdvance(run);
  state.arrangement = arrangement;
  for (const { endpoint, deployment } of placementsOf(state.fleet, arrangement)) {
    const where = topology === 'endpoints' ? `endpoint ${endpoint}` : 'the endpoint';
    state.enter('deploying', `bringing ${where} onto config ${deployment.configName}`);
    state.await('it to be in service', Date.now() + limits.deploySeconds * 1000);
    const { deploy } = activities({
      within: limits.deploySeconds,
      summary: `deploy config ${deployment.configName}`,
    });
    state.makes(endpoint, deployment);
    state.observation = await deploy({ rolloutId, endpoint, deployment });
  }
  if (arrangement.kind !== 'alone') await beginOnBaseline(run);
}

/** The candidate is up and answers nobody. */
async function beginOnBaseline({ state }: Rollout): Promise<void> {
  const { limits, topology } = state.frozen;
  state.wish({ baseline: 100, candidate: 0 });
  publishSplit(state, state.traffic, 0);
  // Until a switch knows the variants' names, its users go by the endpoint's weights, which are about to change.
  await sleep(followSeconds * 1000, { summary: 'the switches learn who is who' });
  if (topology === 'endpoints') {
    const { setWeights } = activities({
      within: limits.shiftSeconds,
      summary: 'all traffic on the baseline',
    });
    state.observation = await setWeights({
      traffic: state.traffic,
      weights: { baseline: 100, candidate: 0 },
    });
  }
  state.countsAsked = { baseline: null, candidate: countsSeen(state.observation, state.variants).candidate };
}

export async function validateCandidate(run: Rollout): Promise<void> {
  await mayAdvance(run);
  const { state } = run;
  const { validation } = state.frozen;
  if (!validation) throw new Error('a validation step without a validation passed the compiler');
  state.enter('validating', 'asking the candidate directly, before any user does');
  const { validate } = activities({
    within: allowedSeconds.validating,
    attempt: 1800,
    // It heartbeats as it gets on.
    silence: 120,
    summary: 'smoke requests, golden answers, latency and load of the candidate',
  });
  const { endpoint, variant } = state.traffic.arms.candidate;
  const report = await validate({ endpoint, variant, validation });
  state.note({ kind: 'decision', sentence: `validated: ${report.sentence}` });
}
