/** The end of the waves: nothing more begins, and what is under way ends, by itself or because it is told to. */
import { condition } from '@temporalio/workflow';
import { abortSignal, undoSignal, type Command } from '../messages.js';
import { sentenceOfStop, type WavesControl, type WavesStop } from './control.js';
import type { Rollouts } from './child-rollouts.js';
import type { WavesState } from './state.js';

/** What every part of the runbook works with. */
export interface Waves {
  state: WavesState;
  control: WavesControl;
  rollouts: Rollouts;
}

/** Until every rollout has ended; acts on whatever stops the waves before that. */
export async function settle(waves: Waves): Promise<void> {
  const { state, control } = waves;
  const isOver = () =>
    state.rollouts.every(({ standing }) => standing !== 'running' && standing !== 'rollbackWindow');
  if (!control.isNews && !isOver()) state.enter('settling', 'every wave is out; rollback windows are open');
  for (;;) {
    if (control.isNews && control.stopped) await actOn(waves, control.stopped);
    else if (isOver()) return;
    state.await('every rollout to end', null);
    await condition(() => control.isNews || isOver());
  }
}

async function actOn({ state, control, rollouts }: Waves, stop: WavesStop): Promise<void> {
  control.isNews = false;
  const undoes = state.frozen.onFailure === 'rollBack';
  const reason = sentenceOfStop(stop);
  state.enter(stop.kind === 'failures' && !undoes ? 'settling' : 'rollingBack', reason);
  const command = commandOf(stop, state.name);
  for (const rollout of state.rollouts) {
    if (rollout.standing === 'running' && (undoes || stop.kind !== 'failures'))
      await rollouts.send(rollout, abortSignal, command);
    if (rollout.standing === 'rollbackWindow' && undoes) await rollouts.send(rollout, undoSignal, command);
  }
}

const longestReason = 900;

/** What the rollouts are told. */
function commandOf(stop: WavesStop, name: string): Command {
  const actor = stop.kind === 'abort' ? stop.command.actor : `waves:${name}`;
  const reason = stop.kind === 'abort' ? `${stop.command.reason} (waves:${name})` : sentenceOfStop(stop);
  return { actor, reason: reason.slice(0, longestReason) };
}
