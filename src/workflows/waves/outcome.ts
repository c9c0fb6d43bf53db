/** The outcome of waves, from the outcomes of their rollouts. Pure. docs/adr/0012-waves.md */
import type { Outcome } from '../../plan/outcome.js';
import type { WaveRollout } from './messages.js';

/** Whether the rollout counts as a failure for `stopAfter`. */
export function hasFailed({ state, outcome }: WaveRollout): boolean {
  switch (state) {
    case 'notStarted':
    case 'terminated':
      return true;
    case 'ended':
      return outcome !== 'promoted';
    case 'waiting':
    case 'running':
    case 'rollbackWindow':
      return false;
  }
}

/** `aborted`: an operator aborted or cancelled the waves. */
export function outcomeOfWaves(rollouts: WaveRollout[], aborted: boolean): Outcome {
  if (rollouts.some(needsPerson)) return 'rollbackFailed';
  const promoted = rollouts.filter(isPromoted);
  if (promoted.length > 0) return promoted.length === rollouts.length ? 'promoted' : 'inconclusive';
  if (aborted) return 'aborted';
  const outcomes = new Set(rollouts.flatMap(({ outcome }) => outcome ?? []));
  const [only = 'failed'] = outcomes;
  return outcomes.size > 1 ? 'rolledBack' : only;
}

/** The serving model is unknown: the rollback failed, or the workflow was terminated. */
export function needsPerson({ state, outcome }: WaveRollout): boolean {
  return state === 'terminated' || outcome === 'rollbackFailed';
}

export function isPromoted({ outcome }: WaveRollout): boolean {
  return outcome === 'promoted';
}

/** For example `2 promoted, 1 rolledBack (digits-ap), 1 waiting`. */
export function countOutcomes(rollouts: WaveRollout[]): string {
  const groups = new Map<string, string[]>();
  for (const rollout of rollouts) {
    const how = describeRolloutState(rollout);
    groups.set(how, [...(groups.get(how) ?? []), rollout.endpoint]);
  }
  return [...groups]
    .map(([how, names]) => `${names.length} ${how}${how === 'promoted' ? '' : ` (${names.join(', ')})`}`)
    .join(', ');
}

export function describeRolloutState({ state, outcome }: WaveRollout): string {
  switch (state) {
    case 'waiting':
      return 'waiting';
    case 'notStarted':
      return 'not started';
    case 'terminated':
      return 'terminated';
    case 'rollbackWindow':
      return 'in its rollback window';
    case 'running':
    case 'ended':
      return outcome ?? 'running';
  }
}
