/** The requests of each step at a given rate. */
import { formatDuration } from '../../plan/units/durations.js';
import type {
  ExpectedJudgement,
  ExpectedStep,
  ExpectedTraffic,
} from '../../plan/schedule/expected-traffic.js';
import { formatCountOf, formatCount, formatShare } from './numbers.js';
import { alignColumns } from './table.js';

export function renderTraffic({ requestsPerHour, steps, warnings }: ExpectedTraffic): string[] {
  const rows = [['STEP', 'SHARE', 'WATCHED', 'REQUESTS', 'VERDICTS'], ...steps.map(cellsOf)];
  return [
    '',
    `Requests to the candidate, at ${formatCountOf(requestsPerHour, 'request')} per hour in total`,
    ...alignColumns(rows.map((row) => row.map((text, i) => ({ text: i === 0 ? `  ${text}` : text })))),
    ...warnings.map((warning) => `⚠ ${warning}`),
  ];
}

function cellsOf({ stage, share, seconds, requests, judgements }: ExpectedStep): string[] {
  return [
    String(stage),
    formatShare(share),
    formatDuration(seconds),
    formatCount(requests),
    judgements.map(judgementText).join('; '),
  ];
}

function judgementText({ label, everySeconds }: ExpectedJudgement): string {
  return everySeconds === null
    ? `⚠ ${label}: perhaps none`
    : `${label}: every ${formatDuration(everySeconds)}`;
}
