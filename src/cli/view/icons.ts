/** Icons for the states of rollouts, jobs, verdicts and activities. */
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { LiveStatus, PendingActivity } from '../../client.js';
import type { JobStatus, VariantStatus } from '../../workflows/messages.js';
import type { Colours } from './colours.js';

export type Icon = '✔' | '✖' | '⚠' | '॥' | '◌';

export function paintIcon(icon: Icon, colours: Colours): string {
  switch (icon) {
    case '✔':
      return colours.good(icon);
    case '✖':
      return colours.bad(icon);
    case '⚠':
    case '॥':
      return colours.warning(icon);
    case '◌':
      return colours.quiet(icon);
  }
}

export function iconOfRollout(status: LiveStatus): Icon {
  if (status.execution === 'terminated') return '⚠';
  switch (status.outcome) {
    case 'promoted':
      return '✔';
    case 'inconclusive':
      return '⚠';
    case 'rolledBack':
    case 'aborted':
    case 'rollbackFailed':
    case 'failed':
      return '✖';
    case null:
      if (status.phase === 'rollingBack') return '⚠';
      return status.paused || status.hold !== null || status.phase === 'gated' ? '॥' : '◌';
  }
}

export function iconOfJob({ state }: JobStatus): Icon {
  switch (state) {
    case 'done':
      return '✔';
    case 'failed':
      return '✖';
    case 'stopped':
      return '⚠';
    case 'waiting':
    case 'running':
      return '◌';
  }
}

/** Within 0.1 percentage points: SageMaker's weights are 32-bit floats. */
export function weightsAgree({ setWeight, actualWeight }: VariantStatus): boolean {
  return setWeight !== null && actualWeight !== null && Math.abs(setWeight - actualWeight) < 0.1;
}

export function iconOfVerdict({ result, reason }: Verdict): Icon {
  switch (result) {
    case 'pass':
      return '✔';
    case 'fail':
      return '✖';
    case 'inconclusive':
      // An experiment is undecided at first. Any other inconclusive verdict needs attention.
      return reason === 'awaitingFirstWindow' || reason === 'undecided' ? '◌' : '⚠';
    case 'error':
      return '⚠';
  }
}

export function iconOfActivity(activity: PendingActivity): Icon {
  return isFailing(activity) ? '⚠' : '◌';
}

/** `InProgress` means that the activity polls again later. Any other failure is an error being retried. */
export function isFailing({ failureType }: PendingActivity): boolean {
  return failureType !== null && failureType !== 'InProgress';
}
