/** Puts the candidate where its requests can reach it, and tries it before any user meets it. */
import { sleep } from '@temporalio/workflow';
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { observedCounts } from '../deployment/capacity.js';
import { deploymentsFor } from '../deployment/deployments.js';
import type { RolloutContext } from '../run/context.js';
import { switchPropagationSeconds, publishSplit } from '../traffic/published-split.js';
import { waitForUnchangedEndpoint } from './untouched.js';

export async function deploy(run: RolloutContext, arrangement: DeploymentShape): Promise<void> {
  const { state } = run;
  const { limits, rolloutId, topology } = state.plan;
  if (state.arrangement === null) {
    await waitForUnchangedEndpoint(run);
    const what =
      arrangement.kind === 'candidateOnly'
        ? 'remove the endpoint'
        : 'put the endpoint back on the baseline alone';
    run.undo.register({ kind: 'restoreBaseline', what });
  } else await waitUntilAllowed(run);
  state.arrangement = arrangement;
  for (const { endpoint, deployment } of deploymentsFor(state.fleet, arrangement)) {
    const where = topology === 'endpoints' ? `endpoint ${endpoint}` : 'the endpoint';
    state.enterPhase('deploying', `bringing ${where} onto config ${deployment.configName}`);
    state.setWaitingFor('it to be in service', Date.now() + limits.deploySeconds * 1000);
    const { deploy } = proxyRolloutActivities({
      scheduleToCloseSeconds: limits.deploySeconds,
      summary: `deploy config ${deployment.configName}`,
    });
    state.recordCreated(endpoint, deployment);
    state.observation = await deploy({ rolloutId, endpoint, deployment });
  }
  if (arrangement.kind !== 'candidateOnly') await startAtZeroTraffic(run);
}

/** The candidate is up and answers nobody. */
async function startAtZeroTraffic({ state }: RolloutContext): Promise<void> {
  const { limits, topology } = state.plan;
  state.setDesiredWeights({ baseline: 100, candidate: 0 });
  publishSplit(state, state.traffic, 0);
  // Until a switch knows the variants' names, its users go by the endpoint's weights, which are about to change.
  await sleep(switchPropagationSeconds * 1000, { summary: 'the switches learn who is who' });
  if (topology === 'endpoints') {
    const { setWeights } = proxyRolloutActivities({
      scheduleToCloseSeconds: limits.shiftSeconds,
      summary: 'all traffic on the baseline',
    });
    state.observation = await setWeights({
      traffic: state.traffic,
      weights: { baseline: 100, candidate: 0 },
    });
  }
  state.requestedCounts = {
    baseline: null,
    candidate: observedCounts(state.observation, state.variants).candidate,
  };
}

export async function validateCandidate(run: RolloutContext): Promise<void> {
  await waitUntilAllowed(run);
  const { state } = run;
  const { validation } = state.plan;
  if (!validation) throw new Error('a validation step without a validation passed the compiler');
  state.enterPhase('validating', 'asking the candidate directly, before any user does');
  const { validate } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.validating,
    startToCloseSeconds: 1800,
    // It heartbeats as it gets on.
    heartbeatTimeoutSeconds: 120,
    summary: 'smoke requests, golden answers, latency and load of the candidate',
  });
  const { endpoint, variant } = state.traffic.arms.candidate;
  const report = await validate({ endpoint, variant, validation });
  state.addTimelineEntry({ kind: 'decision', message: `validated: ${report.message}` });
}
