/** What the demo's users went through, and what became of the rollouts. Pure. */
import type { RolloutResult, RolloutStatus } from '../../client.js';
import type { UserTally } from './users.js';

export interface DemoRun {
  title: string;
  result: RolloutResult;
  candidateVariant: string;
  /** What the candidate's users met during this rollout. */
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

export function summarise(act: DemoRun): string[] {
  const { result, candidate, all } = act;
  return [
    `${result.outcome === 'promoted' ? '✔' : '↩'} ${act.title}: ${result.outcome}`,
    `    why: ${result.reason}`,
    `    serving now: ${result.serving ?? 'not known'}`,
    `    users: ${candidate.requests} of ${all.requests} requests met the candidate, ${candidate.errors} of them failed, ` +
      `${share(candidate.wrong, candidate.requests - candidate.errors)} of its answers were wrong`,
    `    took ${act.seconds} s; ${act.historyEvents} history events`,
  ];
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : 'none';
}
