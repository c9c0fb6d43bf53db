/** One sign for how a thing stands. */
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

/** Within a tenth of a percent: SageMaker's weights are floats of 32 bits. */
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
      // Not yet known is what an experiment is for; what cannot be known is trouble.
      return reason === 'awaitingFirstWindow' || reason === 'undecided' ? '◌' : '⚠';
    case 'error':
      return '⚠';
  }
}

export function iconOfWork(work: PendingActivity): Icon {
  return isFailing(work) ? '⚠' : '◌';
}

/** `Watching` is how an activity says that it looks again later; any other failure is trouble being retried. */
export function isFailing({ failureType }: PendingActivity): boolean {
  return failureType !== null && failureType !== 'InProgress';
}
