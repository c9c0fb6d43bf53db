/** The way back: undo what was done, verify it, and never call unverified what is not. Runs outside cancellation. */
import { sleep } from '@temporalio/workflow';
import { activities } from './acts.js';
import { deleteConfigs } from './cleanup.js';
import { baselineDeployment } from './deployments.js';
import type { Rollout } from './run.js';
import { failureCause, outcomeOf, sentenceOf, type StopCause } from './stop.js';

const longestPauseSeconds = 300;

/** Runs every registered undo, newest first, and settles the outcome. Returns what could not be tidied. */
export async function takeBack(run: Rollout): Promise<string[]> {
  const { state, control } = run;
  const stop = control.stopped;
  if (!stop) throw new Error('taken back without a cause');
  const reason = sentenceOf(stop);
  const undos = run.undo.take();
  const deployed = undos.some((undo) => undo.touchesEndpoint);
  if (undos.length > 0) state.enter('rollingBack', reason);
  const failures: string[] = [];
  for (const undo of undos) {
    state.note({ kind: 'decision', sentence: `rolling back: ${undo.what}` });
    const failure = await untilVerified(run, undo.run);
    if (failure) failures.push(`${undo.what}: ${failure}`);
  }
  if (failures.length > 0) {
    state.end(
      'rollbackFailed',
      `${reason}; could not be taken back, a person is needed: ${failures.join('; ')}`,
    );
    return [];
  }
  return settle(run, stop, deployed);
}

async function settle(run: Rollout, stop: StopCause, deployed: boolean): Promise<string[]> {
  const { state } = run;
  const outcome = outcomeOf(stop, state.trafficMoved);
  if (deployed) state.enter('cleaningUp', 'the baseline is verified; deleting what the rollout made');
  const leftovers = deployed ? await deleteConfigs(run, 'candidate') : [];
  state.end(outcome, sentenceOf(stop));
  return leftovers;
}

/**
 * Tries until it is verified or the time is over; even what looks final (access denied, say) may be mended by a person
 * meanwhile. Null when verified, else the last failure's sentence.
 */
async function untilVerified({ state }: Rollout, undo: () => Promise<void>): Promise<string | null> {
  const ends = Date.now() + (state.plan?.limits.rollbackSeconds ?? 3600) * 1000;
  for (let pause = 5; ; pause = Math.min(pause * 2, longestPauseSeconds)) {
    try {
      await undo();
      return null;
    } catch (error) {
      const cause = failureCause(error);
      if (!cause) throw error;
      if (cause.type === 'EndpointGone' || Date.now() + pause * 1000 >= ends) return cause.sentence;
      state.hold(`the way back is not verified yet: ${cause.sentence}`, new Date(ends).toISOString());
      await sleep(pause * 1000, { summary: 'before the next try to roll back' });
    }
  }
}

/**
 * All traffic to the baseline, then the baseline alone. The weights go first: they act in a minute, an update takes
 * several. Where the endpoint is already on another config, the update alone brings the baseline back.
 */
export async function restoreBaseline(run: Rollout): Promise<void> {
  const { state } = run;
  const { endpoint, limits, rolloutId } = state.frozen;
  if (state.trafficMoved) await sendAllToBaseline(run);
  const isNew = state.starting?.kind === 'absent';
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
  state.observation = await deploy({ rolloutId, endpoint, deployment });
}

async function sendAllToBaseline({ state }: Rollout): Promise<void> {
  const { endpoint, limits } = state.frozen;
  state.wish({ baseline: 100, candidate: 0 });
  const { setWeights } = activities({
    within: limits.rollbackSeconds,
    summary: 'roll back: all traffic to the baseline',
  });
  try {
    state.observation = await setWeights({
      endpoint,
      configName: state.names.bothConfig,
      weights: { [state.variants.baseline]: 100, [state.variants.candidate]: 0 },
    });
  } catch (error) {
    const cause = failureCause(error);
    if (cause?.type !== 'Drift') throw error;
    state.note({
      kind: 'decision',
      sentence: `weights cannot be set (${cause.sentence}); updating the endpoint instead`,
    });
  }
}

/** A new endpoint that never came into service cannot be updated, only deleted. */
async function removeEndpoint({ state }: Rollout): Promise<void> {
  const { endpoint, limits, rolloutId } = state.frozen;
  const { deleteEndpoint } = activities({
    within: limits.rollbackSeconds,
    summary: 'delete the endpoint that failed',
  });
  await deleteEndpoint({ rolloutId, endpoint });
  state.observation = null;
}
