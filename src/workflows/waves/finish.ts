/** The end of the waves: waits until the running rollouts end, or ends them by command. */
import { condition } from '@temporalio/workflow';
import { abortSignal, undoSignal, type Command } from '../messages.js';
import { describeWavesStop, type WavesControl, type WavesStop } from './control.js';
import type { ChildRollouts } from './child-rollouts.js';
import type { WavesState } from './state.js';

/** Context of the waves. */
export interface Waves {
  state: WavesState;
  control: WavesControl;
  rollouts: ChildRollouts;
}

/** Returns when every rollout has ended. Acts on each stop of the waves meanwhile. */
export async function finish(waves: Waves): Promise<void> {
  const { state, control } = waves;
  const isOver = () => state.rollouts.every(({ state }) => state !== 'running' && state !== 'rollbackWindow');
  if (!control.hasPendingStop && !isOver())
    state.enterPhase('finishing', 'every wave is released; rollback windows are open');
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

/** The command that the rollouts get. */
function commandOf(stop: WavesStop, name: string): Command {
  const actor = stop.kind === 'abort' ? stop.command.actor : `waves:${name}`;
  const reason = stop.kind === 'abort' ? `${stop.command.reason} (waves:${name})` : describeWavesStop(stop);
  return { actor, reason: reason.slice(0, maxReasonLength) };
}
