/** What a comparison's sentence leaves unsaid: which windows it did without, and a score that decides nothing. */
import type { Verdict } from '../../analysis/verdicts/verdict.js';

/** Between two shares there always are some. */
const words = { missing: 'without data', impossible: 'with contradicting data', drift: 'during drift' };
const told = Object.keys(words) as (keyof typeof words)[];

/** To be said after it; empty where there is nothing to say. */
export function notesOn({ evidence: { comparison } }: Verdict): string[] {
  if (comparison === undefined) return [];
  const { exclusions, advisory } = comparison;
  const counts = told.flatMap((reason) => {
    const windows = exclusions?.counts[reason] ?? 0;
    return windows === 0 ? [] : [`${windows} ${words[reason]}`];
  });
  const notes = counts.length === 0 ? [] : [`windows left out: ${counts.join(', ')}`];
  if (!advisory || advisory.candidate === 'alike') return notes;
  return [...notes, `windows of late look ${advisory.candidate} (advisory only)`];
}
