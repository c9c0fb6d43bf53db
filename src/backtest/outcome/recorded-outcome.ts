/** Reads the outcome of a real rollout from its timeline. */
import { endsRollout } from '../../plan/compiled/on-fail.js';
import { z } from 'zod';
import { outcomes, type Outcome } from '../../plan/outcome.js';
import { dataError } from '../data/data-error.js';
import { decideFirst, type FirstDecision } from '../run/log.js';

/** The fields of a recorded verdict that a comparison needs. */
export const recordedVerdict = z.looseObject({
  guardrail: z.string(),
  result: z.enum(['pass', 'fail', 'inconclusive', 'error']),
  message: z.string(),
  onFail: z.literal('report').optional(),
});
export type RecordedVerdict = z.infer<typeof recordedVerdict>;

export interface RecordedOutcome {
  source: 'timeline' | 'history';
  /** Null: the rollout was still running. */
  outcome: Outcome | null;
  /** ISO 8601, UTC: time of the decision, not of the cleanup. Null: no decision. */
  at: string | null;
  /** The rule that failed. */
  by: string | null;
  reason: string | null;
  /** First decisions by rule, as far as they were recorded. */
  firstDecisions: Record<string, FirstDecision>;
}

/** A report of a watch: the verdicts of one poll. */
export interface Report {
  at: string;
  /** Same as in WatchReport. `clear`: every rule passed at the end of a bake. */
  kind: string;
  verdicts: RecordedVerdict[];
}

export interface Ended {
  outcome: Outcome;
  reason: string | null;
  at: string;
}

/** Verdict entries have `report`. The closing entry has `outcome` and `reason`. */
const entry = z
  .looseObject({
    at: z.iso.datetime(),
    kind: z.string(),
    message: z.string(),
    report: z.string().optional(),
    verdicts: z.array(recordedVerdict).default([]),
    outcome: z.enum(outcomes).optional(),
    reason: z.string().optional(),
  })
  .refine(({ kind, report }) => kind !== 'verdict' || report !== undefined, {
    path: ['report'],
    message: 'A verdict entry needs report, the kind of its report.',
  });

/** Throws DataError. */
export function outcomeFromTimeline(entries: unknown[], file: string): RecordedOutcome {
  const read = entries.map((given, i) => {
    const parsed = entry.safeParse(given);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const path = [`timeline[${i}]`, ...(issue?.path ?? [])].join('.');
    throw dataError(
      { file, line: null, path },
      null,
      'at, kind, message, and report for a verdict',
      issue?.message ?? 'The entry is not a timeline entry.',
    );
  });
  const reports = read.flatMap(({ at, report, verdicts }): Report[] =>
    report === undefined ? [] : [{ at, kind: report, verdicts }],
  );
  const ended = read.flatMap(({ at, outcome, reason = null }): Ended[] =>
    outcome === undefined ? [] : [{ outcome, reason, at }],
  );
  return outcomeOf('timeline', reports, ended.at(-1) ?? null);
}

/** A decision by a poll has the time of that poll. Other decisions have the time of the end. */
export function outcomeOf(
  source: RecordedOutcome['source'],
  reports: Report[],
  ended: Ended | null,
): RecordedOutcome {
  const failing = reports.find(({ verdicts }) => verdicts.some(endsRollout));
  const failed = failing?.verdicts.find(endsRollout);
  const cleared = reports.findLast(({ kind }) => kind === 'clear');
  const isStopped = ended === null || ended.outcome === 'rolledBack' || ended.outcome === 'failed';
  const byRule = failing !== undefined && isStopped;
  const firstDecisions: RecordedOutcome['firstDecisions'] = {};
  for (const { at, verdicts } of reports)
    for (const verdict of verdicts) decideFirst(firstDecisions, verdict, () => at);
  const decidedAt = ended?.outcome === 'promoted' ? (cleared?.at ?? ended.at) : (ended?.at ?? null);
  return {
    source,
    outcome: ended?.outcome ?? (byRule ? 'rolledBack' : null),
    at: byRule ? failing.at : decidedAt,
    by: byRule ? (failed?.guardrail ?? null) : null,
    reason: ended?.reason ?? failed?.message ?? null,
    firstDecisions,
  };
}
