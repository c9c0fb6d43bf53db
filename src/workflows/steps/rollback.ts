/** The way back: undo what was done, verify it, and never call unverified what is not. Runs outside cancellation. */
import { sleep } from '@temporalio/workflow';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { instanceCountsAt } from '../deployment/capacity.js';
import { deleteUnusedResources } from './cleanup.js';
import { baselineOnly } from '../deployment/deployments.js';
import { setTrafficSplit, publishSingleTarget } from '../traffic/published-split.js';
import { stopTrainingJob } from './prepare-models.js';
import type { RolloutContext } from '../run/context.js';
import { requestDrainSeconds } from '../run/timings.js';
import { failureOf, outcomeOfStop, describeStop, type StopReason } from '../temporal/stop.js';
import { setInstanceCounts } from './shift-traffic.js';
import type { Compensation } from '../temporal/compensations.js';

const maxBackoffSeconds = 300;

/** Runs every registered undo, newest first, and settles the outcome. Returns what could not be tidied. */
export async function rollBack(run: RolloutContext): Promise<string[]> {
  const { state, control, notifications } = run;
  const stop = control.stopped;
  if (!stop) throw new Error('rollback without a reason to stop');
  const reason = describeStop(stop);
  state.gate = null;
  const undos = run.compensations.drain();
  const deployed = undos.some((undo) => undo.kind === 'restoreBaseline');
  if (undos.length > 0) state.enterPhase('rollingBack', reason);
  if (deployed) notifications.send('rollback', `rolling back: ${reason}`);
  const failures: string[] = [];
  for (const undo of undos) {
    const what = undo.kind === 'stopTraining' ? `stop training job ${undo.jobName}` : undo.what;
    state.addTimelineEntry({ kind: 'decision', message: `rolling back: ${what}` });
    const failure = await retryUntilVerified(run, () => carryOut(run, undo));
    if (!failure) continue;
    failures.push(`${what}: ${failure}`);
    if (undo.kind === 'stopTraining') state.createdResources.push(`training job ${undo.jobName}`);
  }
  if (failures.length > 0) {
    const message = `${reason}; rollback failed, manual action required: ${failures.join('; ')}`;
    state.end('rollbackFailed', message);
    notifications.send('page', message);
    // Some of it may serve: a person decides what goes.
    return state.createdResources;
  }
  return finishRollback(run, stop, deployed);
}

function carryOut(run: RolloutContext, undo: Compensation): Promise<void> {
  switch (undo.kind) {
    case 'stopTraining':
      return stopTrainingJob(run, undo.jobName);
    case 'restoreBaseline':
      return restoreBaseline(run);
  }
}

async function finishRollback(run: RolloutContext, stop: StopReason, deployed: boolean): Promise<string[]> {
  const { state } = run;
  const outcome = outcomeOfStop(stop, state.trafficMoved);
  if (deployed) state.enterPhase('cleaningUp', 'the baseline is verified; deleting the resources that the rollout created');
  const leftovers = deployed ? await deleteUnusedResources(run, 'candidate') : [];
  state.end(outcome, describeStop(stop));
  return leftovers;
}

/**
 * Tries until it is verified or the time is over; even what looks final (access denied, say) may be mended by a person
 * meanwhile. Null when verified, else the last failure's sentence.
 */
async function retryUntilVerified(
  { state, forward, notifications }: RolloutContext,
  undo: () => Promise<void>,
): Promise<string | null> {
  const ends = Date.now() + (state.compiledPlan?.limits.rollbackSeconds ?? 3600) * 1000;
  for (let pause = 5; ; pause = Math.min(pause * 2, maxBackoffSeconds)) {
    try {
      await undo();
      return null;
    } catch (error) {
      const cause = failureOf(error);
      if (!cause) throw error;
      if (cause.type === 'EndpointNotFound' || Date.now() + pause * 1000 >= ends) return cause.message;
      const message = `the rollback is not verified yet: ${cause.message}`;
      const until = new Date(ends).toISOString();
      if (state.startHold({ reason: 'rollbackUnverified', message }, until))
        notifications.send('hold', message);
      await forward.sleepUntilRetry(pause * 1000);
    }
  }
}

/**
 * All traffic to the baseline, then the baseline alone. The weights go first: they act in a minute, an update takes
 * several. Where the endpoint is already on another config, the update alone brings the baseline back.
 */
async function restoreBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.plan;
  const isNew = state.starting?.kind === 'absent';
  if (state.arrangement?.kind === 'candidateOnly') return removeEndpoint(run);
  if (state.trafficMoved) await shiftAllToBaseline(run);
  const { observeEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.rollbackSeconds,
    summary: 'observe the endpoint',
  });
  const seen = await observeEndpoint({ endpoint });
  if (seen === null && isNew) {
    state.observation = null;
    return;
  }
  if (seen?.status === 'Failed' && isNew) return removeEndpoint(run);
  const deployment = baselineOnly(state.fleet);
  const { deploy } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.rollbackSeconds,
    summary: `roll back to config ${deployment.configName}`,
  });
  state.recordCreated(endpoint, deployment);
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  publishSingleTarget(state, 'baseline');
  // What the switches have sent to the candidate's own endpoint is answered before it goes.
  if (topology === 'endpoints' && state.trafficMoved) {
    await sleep(requestDrainSeconds * 1000, { summary: 'drain requests in flight' });
  }
}

async function shiftAllToBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { limits } = state.plan;
  const weights = { baseline: 100, candidate: 0 };
  await scaleOutBaseline(run);
  state.setDesiredWeights(weights);
  try {
    await setTrafficSplit(run, weights, limits.rollbackSeconds, 'roll back: all traffic to the baseline');
  } catch (error) {
    const cause = failureOf(error);
    if (cause?.type !== 'Drift') throw error;
    state.addTimelineEntry({
      kind: 'decision',
      message: `cannot set the weights: ${cause.message}; updating the endpoint instead`,
    });
  }
}

/**
 * To what it began with, whatever was last seen: a scale-in may be under way, and an autoscaler shrinks what has no users. Too
 * few instances of the right model beat enough of the wrong one.
 */
async function scaleOutBaseline(run: RolloutContext): Promise<void> {
  const { fleet, plan } = run.state;
  const counts = { baseline: { atLeast: instanceCountsAt(fleet, 0).baseline }, candidate: null };
  try {
    await setInstanceCounts(
      run,
      counts,
      plan.limits.shiftSeconds,
      'scale out the baseline',
    );
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    const message = `could not scale out the baseline before restoring its traffic: ${cause.message}`;
    run.state.addTimelineEntry({ kind: 'decision', message });
  }
}

/** A new endpoint: one that never came into service cannot be updated, and where nothing served before nothing stays. */
async function removeEndpoint({ state }: RolloutContext): Promise<void> {
  const { endpoint, limits, rolloutId } = state.plan;
  const { deleteEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.rollbackSeconds,
    summary: 'delete the endpoint that the rollout created',
  });
  await deleteEndpoint({ rolloutId, endpoint });
  state.observation = null;
}
