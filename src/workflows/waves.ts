/** Rollouts of many endpoints, wave by wave. */
import { allHandlersFinished, CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import { activityTimeouts } from '../plan/schedule/timeouts.js';
import { proxyRolloutActivities } from './temporal/activity-proxy.js';
import { nameIn, rejectInvalidSpec, rejectOtherWorkflowId } from './run/arguments.js';
import { failureOf } from './temporal/stop.js';
import { describeWavesStop, WavesControl } from './waves/control.js';
import { registerWavesHandlers } from './waves/handlers.js';
import { wavesWorkflowIdOf, type WavesResult } from './waves/messages.js';
import { countOutcomes, isPromoted, outcomeOfWaves } from './waves/outcome.js';
import { ChildRollouts } from './waves/child-rollouts.js';
import { finish, type Waves } from './waves/finish.js';
import { WavesState } from './waves/state.js';

/** Workflow type `rolloutWaves`. One argument: the spec as JSON. Returns a result for every outcome. */
export async function rolloutWaves(spec: unknown): Promise<WavesResult> {
  const state = new WavesState(workflowInfo().workflowId.replace(/^waves:/, ''));
  const control = new WavesControl(state);
  registerWavesHandlers(state, control);
  CancellationScope.current().cancelRequested.catch(() => control.cancel());
  // A cancellation of the waves sends commands to the rollouts, as an abort does.
  return CancellationScope.nonCancellable(async () => {
    const invalid = await planWaves(state, spec);
    if (invalid !== null) state.end('failed', invalid);
    else await runWaves({ state, control, rollouts: new ChildRollouts(state, control) });
    const result = resultOf(state, control);
    await condition(allHandlersFinished);
    return result;
  });
}

/** Null, or why the waves cannot begin. */
async function planWaves(state: WavesState, spec: unknown): Promise<string | null> {
  const { compileWaves } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.planning,
    summary: 'validate the spec for every endpoint',
  });
  try {
    rejectInvalidSpec(spec);
    const name = nameIn(spec, 'name');
    if (name !== null) rejectOtherWorkflowId(`the waves ${name}`, wavesWorkflowIdOf(name));
    state.setPlan(await compileWaves({ spec }));
    return await chooseVersion(state);
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    return cause.message;
  }
}

/** Once, so that a version that is approved between two waves does not get into the later ones. Null, or the error. */
async function chooseVersion(state: WavesState): Promise<string | null> {
  const { group } = state.plan;
  if (!group) return null;
  const { chooseVersion: choose } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.preflight,
    summary: `choose the newest approved version of ${group}`,
  });
  const choice = await choose({ group });
  if ('finding' in choice) return choice.finding;
  state.keepVersion(choice.chosen);
  return null;
}

async function runWaves(waves: Waves): Promise<void> {
  const { state, control } = waves;
  for (let n = 1; n <= state.plan.waves.length; n++) {
    await waitBetweenWaves(waves);
    if (control.stopped) break;
    await startWave(waves, n);
  }
  await finish(waves);
}

/** Waits for the spec's pause between two waves, and for the end of an operator's pause. */
async function waitBetweenWaves({ state, control }: Waves): Promise<void> {
  const { pauseSeconds } = state.plan;
  const isStopped = () => control.stopped !== null;
  if (state.wave > 0 && pauseSeconds > 0) {
    state.enterPhase('baking', `pause after wave ${state.wave}`);
    state.setWaitingFor('the end of the pause', Date.now() + pauseSeconds * 1000);
    await condition(isStopped, pauseSeconds * 1000);
  }
  if (isStopped() || !state.paused) return;
  state.setWaitingFor('resume', null);
  await condition(() => isStopped() || !state.paused);
}

/** Returns when every rollout of the wave has ended or reached its rollback window. */
async function startWave({ state, control, rollouts }: Waves, n: number): Promise<void> {
  const wave = state.rollouts.filter((rollout) => rollout.wave === n);
  state.wave = n;
  state.enterPhase('releasing', wave.map(({ endpoint }) => endpoint).join(', '));
  state.setWaitingFor('every rollout of the wave to be promoted', null);
  for (const rollout of wave) if (!control.stopped) await rollouts.begin(rollout);
  await condition(() => control.stopped !== null || wave.every((rollout) => rollout.state !== 'running'));
}

function resultOf(state: WavesState, { stopped }: WavesControl): WavesResult {
  const { name, rollouts, startedAt } = state;
  const undoesAll = stopped !== null && state.compiledPlan?.onFailure === 'rollBack';
  const notUndone = undoesAll ? rollouts.filter(isPromoted).map(({ endpoint }) => endpoint) : [];
  if (state.outcome === null) {
    const aborted = stopped !== null && stopped.kind !== 'failures';
    const reason = [
      ...(stopped ? [describeWavesStop(stopped)] : []),
      countOutcomes(rollouts),
      ...(notUndone.length > 0 ? [`could not be undone, rollback window over: ${notUndone.join(', ')}`] : []),
    ];
    state.end(outcomeOfWaves(rollouts, aborted), reason.join('; '));
  }
  if (state.outcome === null) throw new Error('concluded without an outcome');
  const { outcome, reason } = state;
  return { name, outcome, reason, rollouts, notUndone, startedAt, endedAt: new Date().toISOString() };
}
