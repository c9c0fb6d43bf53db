/** The output of `penstock list`. */
import type { RolloutSummary } from '../../client.js';
import { ageOf } from './relative-time.js';
import { formatShare } from './numbers.js';
import { alignColumns, type Cell } from './table.js';

const titles = ['ENDPOINT', 'STRATEGY', 'PHASE', 'CANDIDATE', 'OUTCOME', 'STARTED', 'BY'];

/** `now`: milliseconds since the epoch. */
export function renderSummaries(summaries: readonly RolloutSummary[], now: number): string[] {
  return alignColumns([titles.map(cell), ...summaries.map((summary) => rowOf(summary, now))]);
}

function rowOf(summary: RolloutSummary, now: number): Cell[] {
  const { endpoint, strategy, phase, candidateWeight, startedAt, startedBy } = summary;
  return [
    endpoint,
    strategy ?? '-',
    phase ?? '-',
    candidateWeight === null ? '-' : formatShare(candidateWeight),
    outcomeOf(summary),
    `${ageOf(startedAt, now)} ago`,
    startedBy ?? '-',
  ].map(cell);
}

function outcomeOf({ outcome, execution }: RolloutSummary): string {
  return execution === 'terminated' ? 'none: ended abnormally' : (outcome ?? '-');
}

function cell(text: string): Cell {
  return { text };
}
