/** Retires the baseline: moves the endpoint to a config with the candidate only. */
import { sleep } from '@temporalio/workflow';
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import { guardWhile, waitWhileForbidden } from '../monitoring/change.js';
import { guardChange, guardUntil } from '../monitoring/guard.js';
import { checkDuringChange } from '../monitoring/last-check.js';
import { notifyObstacle } from '../monitoring/notify-obstacle.js';
import { proxyRolloutActivities, wasCancelled } from '../temporal/activity-proxy.js';
import { failureOf } from '../temporal/stop.js';
import { hadNoWorker } from '../temporal/unanswered.js';
import { observePresent } from '../deployment/observe-present.js';
import { instanceCountsAt, observedVariant } from '../deployment/capacity.js';
import { candidateOnly, configBefore, deploymentsFor, isRenamed } from '../deployment/deployments.js';
import { continueAsNewIfNeeded } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';
import type { RetirementStep } from '../state/cursor.js';
import { endedAtFreeze, timeoutsOfChange } from '../run/freeze.js';
import { requestDrainSeconds } from '../run/timings.js';
import { publishSingleTarget } from '../traffic/published-split.js';

/** Tries to retire the baseline within the limit of a deployment. With the default limit they are five minutes apart. */
const retireTries = 12;
const maxRetirePauseSeconds = 300;
const restoreSeconds = 300;

/**
 * The candidate serves all traffic, verified: a refused update does not undo that. It is tried again, with guardrails
 * active, until the limit of a deployment. Then the baseline's variant stays, without traffic, and is a leftover. Someone
 * else's update holds the rollout until it is undone. On two endpoints this update moves the clients that use no switch,
 * so there it decides the promotion.
 */
export async function retireBaseline(run: RolloutContext, step: RetirementStep): Promise<void> {
  const { state, notifications } = run;
  const { deploySeconds } = state.plan.limits;
  const ends = state.cursor.since + deploySeconds * 1000;
  const pauseMs = Math.min(maxRetirePauseSeconds, deploySeconds / retireTries) * 1000;
  for (;;) {
    const seenRetries = run.control.retries;
    const beganMs = Date.now();
    const failure = await tryToRetireBaseline(run, step);
    if (failure === null) return;
    if (failure === 'frozen' || failure === 'noWorker') {
      // The update can have had its effect, so the endpoint can be on the config of the candidate alone.
      if (failure === 'frozen') {
        await restoreScaling(run);
        await guardWhile(run, () => waitWhileForbidden(run));
      }
      // The candidate has all users, verified, so an unknown guardrail does not keep the last update back. With two
      // endpoints it moves users.
      await checkDuringChange(run, state.plan.topology === 'endpoints' ? 'allKnown' : 'noAlarmFiring');
      continue;
    }
    const isDrift = failure.type === 'Drift';
    const message = isDrift
      ? failure.message
      : `the candidate serves all traffic, verified, but its config cannot be deployed: ${failure.message}`;
    const hold = { reason: isDrift ? 'drift' : 'tidying', message } as const;
    const isNew = state.startHold(hold, isDrift ? null : new Date(ends).toISOString());
    const isLast = !isDrift && Date.now() + pauseMs >= ends;
    if (!isDrift)
      notifyObstacle(run, { work: 'change', cause: failure.type }, { message, beganMs, isOver: isLast });
    else if (isNew) notifications.send('hold', message);
    if (isLast) {
      state.keptVariant = state.variants.baseline;
      return;
    }
    const until = Date.now() + pauseMs;
    const isOver = () => run.control.retries > seenRetries || Date.now() >= until;
    // After a failure that is no drift, the rollout's own update may be in effect, which is no external change.
    await (isDrift ? guardUntil(run, isOver, until, 'noAlarmFiring') : guardChange(run, isOver, until));
    continueAsNewIfNeeded(run);
  }
}

/**
 * Null if the baseline is retired, else the failure, or why it must be tried again at once. Throws if the rollout was
 * cancelled, or if no model serves.
 */
async function tryToRetireBaseline(
  run: RolloutContext,
  step: RetirementStep,
): Promise<{ type: string; message: string } | 'noWorker' | 'frozen' | null> {
  try {
    await deployCandidateOnly(run, step);
    return null;
  } catch (error) {
    const cause = wasCancelled(error) ? null : failureOf(error);
    if (!cause) throw error;
    if (cause.type === 'Frozen' || endedAtFreeze(run.state, cause.type)) return 'frozen';
    if (hadNoWorker(error)) return 'noWorker';
    if (run.state.plan.topology === 'endpoints' && cause.type !== 'Drift') throw error;
    if (await isOutOfService(run, cause.type)) throw error;
    await restoreScaling(run);
    return cause;
  }
}

/**
 * A Failed endpoint serves no requests, and SageMaker only accepts its deletion. In UpdateRollbackFailed both configs serve:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
 */
async function isOutOfService(run: RolloutContext, failureType: string): Promise<boolean> {
  if (failureType !== 'EndpointFailed') return failureType === 'EndpointNotFound';
  const present = await observePresent(run);
  return present === null || present.status === 'Failed' || present.status === 'OutOfService';
}

/** Moves the endpoint to the candidate only, with the instances that it has. */
async function deployCandidateOnly(run: RolloutContext, step: RetirementStep): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.plan;
  const { deploymentInputs, arrangement } = state;
  const deployment = {
    ...candidateOnly(deploymentInputs, await countOfLastUpdate(run, step)),
    replaces: configBefore(deploymentInputs, arrangement),
  };
  state.enterPhase(
    'promoting',
    `moving the endpoint to config ${deployment.configName}, with the candidate only`,
  );
  state.setWaitingFor(
    'the endpoint to be InService with the candidate only',
    Date.now() + limits.deploySeconds * 1000,
  );
  const { deploy } = proxyRolloutActivities({
    ...timeoutsOfChange(state, limits.deploySeconds),
    summary: `deploy config ${deployment.configName}`,
  });
  state.recordCreated(endpoint, deployment);
  // A new fleet serves under another name. Until all users are on it, a request must not name a variant.
  const isNamed = topology === 'variants' && state.split?.targets.baseline !== null;
  if (isNamed && isRenamed(deploymentInputs)) publishSingleTarget(state, 'candidate');
  state.observation = await guardWhile(run, () =>
    deploy({ rolloutId, endpoint, deployment, freeze: state.plan.freeze }),
  );
  publishSingleTarget(state, 'candidate');
  // Requests that switches have sent to the candidate's own endpoint end before it is deleted.
  if (topology === 'endpoints')
    await sleep(requestDrainSeconds * 1000, { summary: 'drain requests in flight' });
}

/**
 * A variant that keeps its name keeps its instances, whatever the config says. A new fleet has those of the config, so it has at
 * least as many as the candidate has now. A config cannot be changed, so one with too few is made again. If an update without an
 * answer has had its effect, the new fleet is the one that scales, and its config stays.
 */
async function countOfLastUpdate(run: RolloutContext, step: RetirementStep): Promise<number> {
  const { state } = run;
  const inputs = state.deploymentInputs;
  const isOnEndpoint = state.plan.topology === 'variants';
  const isNewFleet = isRenamed(inputs);
  const seen = isNewFleet && isOnEndpoint ? await observePresent(run) : state.observation;
  // After someone else's update, the last observation has no candidate.
  const present = observedVariant(seen, 'candidate', inputs)?.desiredCount;
  const needed = Math.max(present ?? instanceCountsAt(inputs, 100).candidate, 1);
  const before = step.count ?? null;
  const isMade = isOnEndpoint && seen?.configName === state.names.singleConfig.candidate;
  if (before !== null && (before >= needed || !isNewFleet || isMade)) return before;
  if (before !== null) await deleteOwnConfig(run);
  step.count = needed;
  return needed;
}

async function deleteOwnConfig({ state }: RolloutContext): Promise<void> {
  const { endpoint, rolloutId } = state.plan;
  const configName = state.names.singleConfig.candidate;
  const { deleteConfig } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.deleteConfig,
    summary: `delete config ${configName}, which has too few instances`,
  });
  await deleteConfig({ rolloutId, configName, endpoint });
}

/**
 * Before an update that removes the candidate's own name, the name is deregistered. If the update fails, the candidate serves
 * all users under that name, and must scale. On any other config there is nothing to restore.
 */
async function restoreScaling(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.plan;
  if (!state.isScaled || !state.arrangement || topology === 'endpoints' || !isRenamed(state.deploymentInputs))
    return;
  const present = await observePresent(run);
  for (const { deployment } of deploymentsFor(state.deploymentInputs, state.arrangement)) {
    const { configName } = deployment;
    if (present?.status !== 'InService' || present.configName !== configName) return;
    const { deploy } = proxyRolloutActivities({
      scheduleToCloseSeconds: Math.min(limits.deploySeconds, restoreSeconds),
      summary: `restore the autoscaling of config ${configName}`,
    });
    try {
      await guardWhile(run, () =>
        deploy({ rolloutId, endpoint, deployment: { ...deployment, replaces: configName } }),
      );
    } catch (error) {
      const cause = wasCancelled(error) ? null : failureOf(error);
      if (!cause) throw error;
      const message = `could not restore the autoscaling of the candidate: ${cause.message}`;
      state.addTimelineEntry({ kind: 'decision', message });
    }
  }
}
