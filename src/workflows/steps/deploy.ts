/** Deploys the config of a step. The candidate gets no user traffic yet. */
import { sleep } from '@temporalio/workflow';
import type { EndpointObservation, InitialEndpoint } from '../../activities/interface/endpoint.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { change } from '../monitoring/change.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { observedCounts } from '../deployment/capacity.js';
import { configBefore, deploymentsFor } from '../deployment/deployments.js';
import { failureOf } from '../temporal/stop.js';
import type { RolloutContext } from '../run/context.js';
import { timeoutsOfChange } from '../run/freeze.js';
import type { DeployStep } from '../state/cursor.js';
import { switchPropagationSeconds } from '../run/timings.js';
import { publishSplit } from '../traffic/published-split.js';
import { continueAsNewIfNeeded } from '../run/continue-as-new.js';

export async function deploy(run: RolloutContext, step: DeployStep): Promise<void> {
  const { state } = run;
  const { arrangement } = step;
  const { limits, rolloutId, topology } = state.plan;
  if (state.arrangement === null) {
    await waitForUnchangedEndpoint(run);
    const description =
      arrangement.kind === 'candidateOnly'
        ? 'delete the endpoint'
        : 'return the endpoint to the baseline only';
    run.compensations.register({ kind: 'restoreBaseline', description });
  } else await waitUntilAllowed(run);
  if (step.part === 'before') {
    step.replaces = configBefore(state.deploymentInputs, state.arrangement);
    state.arrangement = arrangement;
    state.beginPart(step, 'deploying');
  }
  for (const { endpoint, deployment } of deploymentsFor(state.deploymentInputs, arrangement)) {
    const where = topology === 'endpoints' ? `endpoint ${endpoint}` : 'the endpoint';
    const what = deployment.owned
      ? `moving ${where} to config ${deployment.configName}`
      : `suspending the scale-in of ${where}`;
    state.enterPhase('deploying', what);
    state.setWaitingFor('the endpoint to be InService', Date.now() + limits.deploySeconds * 1000);
    state.recordCreated(endpoint, deployment);
    const ours = { ...deployment, replaces: endpoint === state.plan.endpoint ? step.replaces : null };
    state.observation = await holdWhileDrifted(run, () =>
      change(run, () => {
        const { deploy } = proxyRolloutActivities({
          ...timeoutsOfChange(state, limits.deploySeconds),
          summary: `deploy config ${deployment.configName}`,
        });
        return deploy({ rolloutId, endpoint, deployment: ours, freeze: state.plan.freeze });
      }),
    );
  }
  if (arrangement.kind !== 'candidateOnly') await startAtZeroTraffic(run);
}

/** Someone else's update is not overwritten. The deployment begins when the endpoint is on the previous config again. */
async function holdWhileDrifted<T>(run: RolloutContext, attempt: () => Promise<T>): Promise<T> {
  const { state, forward, notifications } = run;
  for (;;) {
    try {
      const result = await attempt();
      state.release();
      return result;
    } catch (error) {
      const cause = failureOf(error);
      if (cause?.type !== 'Drift') throw error;
      if (state.startHold({ reason: 'drift', message: cause.message }, null))
        notifications.send('hold', cause.message);
      await forward.sleepUntilRetry(pollSeconds * 1000);
      continueAsNewIfNeeded(run);
    }
  }
}

/** The candidate is deployed and gets no user traffic. */
async function startAtZeroTraffic(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { limits, topology } = state.plan;
  state.setDesiredWeights({ baseline: 100, candidate: 0 });
  publishSplit(state, state.traffic, 0);
  // A switch that does not know the variants' names yet uses the endpoint's weights, which are about to change.
  await sleep(switchPropagationSeconds * 1000, { summary: 'wait for switches to pick up the variants' });
  if (topology === 'endpoints') {
    const { setWeights } = proxyRolloutActivities({
      scheduleToCloseSeconds: limits.shiftSeconds,
      summary: 'set all traffic to the baseline',
    });
    const weights = { baseline: 100, candidate: 0 };
    state.observation = await change(run, () => setWeights({ traffic: state.traffic, weights }));
  }
  state.requestedCounts = observedCounts(state.observation, state);
}

const pollSeconds = 60;

/**
 * Waits until the rollout may advance and the endpoint is as preflight found it, which can be days ago. The rollout
 * neither replaces an external config nor could roll back to it, so it holds until an operator decides.
 */
async function waitForUnchangedEndpoint(run: RolloutContext): Promise<void> {
  const { state, forward, notifications } = run;
  const { starting } = state;
  for (;;) {
    await waitUntilAllowed(run);
    const changed = starting?.kind === 'live' ? await findChange(run, starting) : null;
    if (changed === null) break;
    continueAsNewIfNeeded(run);
    const { message, isInProgress } = changed;
    if (isInProgress) state.setWaitingFor(`${message}; the deployment waits for its end`, null);
    else if (state.startHold({ reason: 'drift', message }, null)) notifications.send('hold', message);
    await forward.sleepUntilRetry(pollSeconds * 1000);
  }
  state.release();
}

interface UnexpectedChange {
  message: string;
  /** An update that ends soon and may change nothing, for example autoscaling. */
  isInProgress: boolean;
}

const updatingStatuses = new Set(['Updating', 'SystemUpdating', 'RollingBack']);

async function findChange(
  run: RolloutContext,
  starting: InitialEndpoint & { kind: 'live' },
): Promise<UnexpectedChange | null> {
  const { endpoint, limits } = run.state.plan;
  const { observeEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.deploySeconds,
    summary: 'check that the endpoint is as preflight found it',
  });
  const observed = await change(run, () => observeEndpoint({ endpoint }));
  const message =
    observed === null
      ? `endpoint ${endpoint} no longer exists`
      : describeChange(endpoint, observed, starting);
  return message === null ? null : { message, isInProgress: updatingStatuses.has(observed?.status ?? '') };
}

function describeChange(
  endpoint: string,
  { configName, status }: EndpointObservation,
  before: InitialEndpoint & { kind: 'live' },
): string | null {
  if (status !== 'InService') return `endpoint ${endpoint} is ${status}`;
  if (configName !== before.configName)
    return `endpoint ${endpoint} is on config ${configName}, not on ${before.configName} as the preflight found it`;
  return null;
}
