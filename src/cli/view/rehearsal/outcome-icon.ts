import type { RehearsedOutcome } from '../../../rehearsal/scenario/scenario.js';

/** A rollback in a rehearsal is not a failure: it is often the right outcome. */
export function iconOfRehearsal(outcome: RehearsedOutcome): string {
  switch (outcome) {
    case 'promoted':
      return '✔';
    case 'rolledBack':
    case 'aborted':
      return '↩';
    case 'inconclusive':
      return '⚠';
    case 'rollbackFailed':
    case 'failed':
      return '✖';
    case 'unfinished':
      return '॥';
  }
}
