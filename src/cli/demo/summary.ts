/** The summary of the demo: the outcome of each rollout, and the requests of its users. Pure. */
import type { RolloutResult, RolloutStatus } from '../../client.js';
import type { UserTally } from './users.js';

export interface DemoRun {
  title: string;
  result: RolloutResult;
  candidateVariant: string;
  /** Requests to the candidate during this rollout. */
  candidate: UserTally;
  /** All requests during this rollout. */
  all: UserTally;
  historyEvents: number;
  seconds: number;
}

export function candidateOf(status: RolloutStatus): string {
  return status.variants.find(({ role }) => role === 'candidate')?.name ?? 'none';
}

/** The growth of a count between two moments. */
export function growth(before: UserTally, after: UserTally): UserTally {
  return {
    requests: after.requests - before.requests,
    errors: after.errors - before.errors,
    wrong: after.wrong - before.wrong,
  };
}

export function sumOf(tallies: Iterable<UserTally>): UserTally {
  const sum: UserTally = { requests: 0, errors: 0, wrong: 0 };
  for (const tally of tallies) {
    sum.requests += tally.requests;
    sum.errors += tally.errors;
    sum.wrong += tally.wrong;
  }
  return sum;
}

export function summarise(run: DemoRun): string[] {
  const { result, candidate, all } = run;
  return [
    `${result.outcome === 'promoted' ? '✔' : '↩'} ${run.title}: ${result.outcome}`,
    `    why: ${result.reason}`,
    `    serving now: ${result.serving ?? 'unknown'}`,
    `    users: ${candidate.requests} of ${all.requests} requests went to the candidate, ${candidate.errors} of them failed, ` +
      `${share(candidate.wrong, candidate.requests - candidate.errors)} of its answers were wrong`,
    `    took ${run.seconds} s; ${run.historyEvents} history events`,
  ];
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : 'none';
}
