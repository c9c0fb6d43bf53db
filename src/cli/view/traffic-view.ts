/** What a plan's steps would see of a given rate of requests. */
import { formatDuration } from '../../plan/units/durations.js';
import type {
  ExpectedJudgement,
  ExpectedStep,
  ExpectedTraffic,
} from '../../plan/schedule/expected-traffic.js';
import { formatCountOf, formatCount, formatShare } from './numbers.js';
import { alignColumns } from './table.js';

export function renderTraffic({ requestsPerHour, steps, warnings }: ExpectedTraffic): string[] {
  const rows = [['STEP', 'CANDIDATE GETS', 'WATCHED', 'REQUESTS', 'JUDGED'], ...steps.map(cellsOf)];
  return [
    '',
    `At ${formatCountOf(requestsPerHour, 'request')} an hour`,
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
    ? `⚠ ${label} perhaps not once`
    : `${label} every ${formatDuration(everySeconds)}`;
}
