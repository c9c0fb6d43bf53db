/** The end of the waves: nothing more begins, and what is under way ends, by itself or because it is told to. */
import { condition } from '@temporalio/workflow';
import { abortSignal, undoSignal, type Command } from '../messages.js';
import { describeWavesStop, type WavesControl, type WavesStop } from './control.js';
import type { ChildRollouts } from './child-rollouts.js';
import type { WavesState } from './state.js';

/** What every part of the runbook works with. */
export interface Waves {
  state: WavesState;
  control: WavesControl;
  rollouts: ChildRollouts;
}

/** Until every rollout has ended; acts on whatever stops the waves before that. */
export async function finish(waves: Waves): Promise<void> {
  const { state, control } = waves;
  const isOver = () =>
    state.rollouts.every(({ state: standing }) => standing !== 'running' && standing !== 'rollbackWindow');
  if (!control.hasPendingStop && !isOver())
    state.enterPhase('finishing', 'every wave is out; rollback windows are open');
  for (;;) {
    if (control.hasPendingStop && control.stopped) await actOn(waves, control.stopped);
    else if (isOver()) return;
    state.setWaitingFor('every rollout to end', null);
    await condition(() => control.hasPendingStop || isOver());
  }
}

async function actOn({ state, control, rollouts }: Waves, stop: WavesStop): Promise<void> {
  control.hasPendingStop = false;
  const undoes = state.plan.onFailure === 'rollBack';
  const reason = describeWavesStop(stop);
  state.enterPhase(stop.kind === 'failures' && !undoes ? 'finishing' : 'rollingBack', reason);
  const command = commandOf(stop, state.name);
  for (const rollout of state.rollouts) {
    if (rollout.state === 'running' && (undoes || stop.kind !== 'failures'))
      await rollouts.send(rollout, abortSignal, command);
    if (rollout.state === 'rollbackWindow' && undoes) await rollouts.send(rollout, undoSignal, command);
  }
}

const maxReasonLength = 900;

/** What the rollouts are told. */
function commandOf(stop: WavesStop, name: string): Command {
  const actor = stop.kind === 'abort' ? stop.command.actor : `waves:${name}`;
  const reason = stop.kind === 'abort' ? `${stop.command.reason} (waves:${name})` : describeWavesStop(stop);
  return { actor, reason: reason.slice(0, maxReasonLength) };
}
