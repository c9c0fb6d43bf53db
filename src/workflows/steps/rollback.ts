/** The way back: undo what was done, verify it, and never call unverified what is not. Runs outside cancellation. */
import { sleep } from '@temporalio/workflow';
import { activities } from '../temporal/activity-proxy.js';
import { countsAt } from '../deployment/capacity.js';
import { removeLosers } from './cleanup.js';
import { baselineDeployment } from '../deployment/deployments.js';
import { divide } from '../traffic/divide.js';
import { stopTraining } from './prepare-models.js';
import type { Rollout } from '../run/context.js';
import { drainSeconds, publishAlone } from '../traffic/published-split.js';
import { failureCause, outcomeOf, sentenceOf, type StopCause } from '../temporal/stop.js';
import { setCounts } from './shift-traffic.js';
import type { Undo } from '../temporal/compensations.js';

const longestPauseSeconds = 300;

/** Runs every registered undo, newest first, and settles the outcome. Returns what could not be tidied. */
export async function takeBack(run: Rollout): Promise<string[]> {
  const { state, control, notices } = run;
  const stop = control.stopped;
  if (!stop) throw new Error('taken back without a cause');
  const reason = sentenceOf(stop);
  state.gate = null;
  const undos = run.undo.take();
  const deployed = undos.some((undo) => undo.kind === 'restoreBaseline');
  if (undos.length > 0) state.enter('rollingBack', reason);
  if (deployed) notices.send('rollback', `rolling back: ${reason}`);
  const failures: string[] = [];
  for (const undo of undos) {
    const what = undo.kind === 'stopTraining' ? `stop training job ${undo.jobName}` : undo.what;
    state.note({ kind: 'decision', sentence: `rolling back: ${what}` });
    const failure = await untilVerified(run, () => carryOut(run, undo));
    if (!failure) continue;
    failures.push(`${what}: ${failure}`);
    if (undo.kind === 'stopTraining') state.made.push(`training job ${undo.jobName}`);
  }
  if (failures.length > 0) {
    const sentence = `${reason}; could not be taken back, a person is needed: ${failures.join('; ')}`;
    state.end('rollbackFailed', sentence);
    notices.send('page', sentence);
    // Some of it may serve: a person decides what goes.
    return state.made;
  }
  return settle(run, stop, deployed);
}

function carryOut(run: Rollout, undo: Undo): Promise<void> {
  switch (undo.kind) {
    case 'stopTraining':
      return stopTraining(run, undo.jobName);
    case 'restoreBaseline':
      return restoreBaseline(run);
  }
}

async function settle(run: Rollout, stop: StopCause, deployed: boolean): Promise<string[]> {
  const { state } = run;
  const outcome = outcomeOf(stop, state.trafficMoved);
  if (deployed) state.enter('cleaningUp', 'the baseline is verified; deleting what the rollout made');
  const leftovers = deployed ? await removeLosers(run, 'candidate') : [];
  state.end(outcome, sentenceOf(stop));
  return leftovers;
}

/**
 * Tries until it is verified or the time is over; even what looks final (access denied, say) may be mended by a person
 * meanwhile. Null when verified, else the last failure's sentence.
 */
async function untilVerified(
  { state, forward, notices }: Rollout,
  undo: () => Promise<void>,
): Promise<string | null> {
  const ends = Date.now() + (state.plan?.limits.rollbackSeconds ?? 3600) * 1000;
  for (let pause = 5; ; pause = Math.min(pause * 2, longestPauseSeconds)) {
    try {
      await undo();
      return null;
    } catch (error) {
      const cause = failureCause(error);
      if (!cause) throw error;
      if (cause.type === 'EndpointGone' || Date.now() + pause * 1000 >= ends) return cause.sentence;
      const message = `the way back is not verified yet: ${cause.sentence}`;
      const until = new Date(ends).toISOString();
      if (state.startHold({ reason: 'rollbackUnverified', message }, until)) notices.send('hold', message);
      await forward.untilRetry(pause * 1000);
    }
  }
}

/**
 * All traffic to the baseline, then the baseline alone. The weights go first: they act in a minute, an update takes
 * several. Where the endpoint is already on another config, the update alone brings the baseline back.
 */
async function restoreBaseline(run: Rollout): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId, topology } = state.frozen;
  const isNew = state.starting?.kind === 'absent';
  if (state.arrangement?.kind === 'alone') return removeEndpoint(run);
  if (state.trafficMoved) await sendAllToBaseline(run);
  const { observeEndpoint } = activities({ within: limits.rollbackSeconds, summary: 'see what is deployed' });
  const seen = await observeEndpoint({ endpoint });
  if (seen === null && isNew) {
    state.observation = null;
    return;
  }
  if (seen?.status === 'Failed' && isNew) return removeEndpoint(run);
  const deployment = baselineDeployment(state.fleet);
  const { deploy } = activities({
    within: limits.rollbackSeconds,
    summary: `roll back to config ${deployment.configName}`,
  });
  state.makes(endpoint, deployment);
  state.observation = await deploy({ rolloutId, endpoint, deployment });
  publishAlone(state, 'baseline');
  // What the switches have sent to the candidate's own endpoint is answered before it goes.
  if (topology === 'endpoints' && state.trafficMoved) {
    await sleep(drainSeconds * 1000, { summary: 'requests in flight' });
  }
}

async function sendAllToBaseline(run: Rollout): Promise<void> {
  const { state } = run;
  const { limits } = state.frozen;
  const weights = { baseline: 100, candidate: 0 };
  await raiseBaseline(run);
  state.wish(weights);
  try {
    await divide(run, weights, limits.rollbackSeconds, 'roll back: all traffic to the baseline');
  } catch (error) {
    const cause = failureCause(error);
    if (cause?.type !== 'Drift') throw error;
    state.note({
      kind: 'decision',
      sentence: `weights cannot be set (${cause.sentence}); updating the endpoint instead`,
    });
  }
}

/**
 * To what it began with, whatever was last seen: a scale-in may be under way, and an autoscaler shrinks what has no users. Too
 * few instances of the right model beat enough of the wrong one.
 */
async function raiseBaseline(run: Rollout): Promise<void> {
  const { fleet, frozen } = run.state;
  const counts = { baseline: { atLeast: countsAt(fleet, 0).baseline }, candidate: null };
  try {
    await setCounts(run, counts, frozen.limits.shiftSeconds, 'instances for the baseline to come back to');
  } catch (error) {
    const cause = failureCause(error);
    if (!cause) throw error;
    const sentence = `the baseline goes back to work with the instances that it has: ${cause.sentence}`;
    run.state.note({ kind: 'decision', sentence });
  }
}

/** A new endpoint: one that never came into service cannot be updated, and where nothing served before nothing stays. */
async function removeEndpoint({ state }: Rollout): Promise<void> {
  const { endpoint, limits, rolloutId } = state.frozen;
  const { deleteEndpoint } = activities({
    within: limits.rollbackSeconds,
    summary: 'delete the endpoint that the rollout made',
  });
  await deleteEndpoint({ rolloutId, endpoint });
  state.observation = null;
}
