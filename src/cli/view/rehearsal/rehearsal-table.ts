/** The table of several rehearsals, one row for each scenario. */
import type { Rehearsal, ScenarioResult } from '../../../rehearsal/report/rehearsal-report.js';
import { formatSpan } from '../relative-time.js';
import { formatCount } from '../numbers.js';
import { alignColumns, type Cell } from '../table.js';
import { iconOfRehearsal } from './outcome-icon.js';
import { expectationText } from './rehearsal-view.js';
import { hangingText } from './wrap.js';

const titles = ['SCENARIO', 'OUTCOME', 'AFTER', 'USERS', 'REQUESTS', 'FAILED', 'INST-H', 'SENT'];

const legend = [
  'AFTER: from the cause to the decision; without a cause, from the start.',
  'USERS, REQUESTS, FAILED: of the candidate. SENT: notifications.',
];

export function renderRehearsals(results: readonly ScenarioResult[], columns: number): string[] {
  const rehearsed = results.filter((result) => result.kind === 'rehearsed');
  const skipped = results.filter((result) => result.kind === 'notRehearsed');
  const assumptions = [...new Set(rehearsed.flatMap((each) => each.assumptions))];
  return [
    ...alignColumns([titles.map((text) => ({ text })), ...rehearsed.map(rowOf)]),
    ...reasonsOf(
      'Reasons:',
      rehearsed.filter(({ outcome }) => outcome !== 'promoted'),
      columns,
    ),
    ...reasonsOf('Not rehearsed:', skipped, columns),
    '',
    ...legend,
    ...assumptions.flatMap((text, i) => hangingText(i === 0 ? 'Assumed:' : '', 9, text, columns)),
    ...expectationsOf(rehearsed),
  ];
}

/** One entry for each scenario, with its reason beside it. */
function reasonsOf(
  title: string,
  results: readonly { scenario: string; reason: string }[],
  columns: number,
): string[] {
  if (results.length === 0) return [];
  const width = Math.max(...results.map(({ scenario }) => scenario.length)) + 4;
  return [
    '',
    title,
    ...results.flatMap(({ scenario, reason }) => hangingText(`  ${scenario}`, width, reason, columns)),
  ];
}

function rowOf(rehearsal: Rehearsal): Cell[] {
  const { scenario, outcome, decision, candidate, instanceHours, notifications } = rehearsal;
  return [
    `${iconOfRehearsal(outcome)} ${scenario}`,
    outcome,
    decision === null ? '-' : formatSpan(decision.afterSeconds),
    formatCount(candidate.users),
    formatCount(candidate.requests),
    formatCount(candidate.failed),
    hoursText(instanceHours.baseline + instanceHours.candidate),
    String(notifications.length),
  ].map((text) => ({ text }));
}

function hoursText(hours: number): string {
  return hours < 100 ? hours.toFixed(1) : formatCount(hours);
}

function expectationsOf(rehearsed: readonly Rehearsal[]): string[] {
  const lines = rehearsed.flatMap(({ scenario, expectations }) =>
    expectations.map((each) => `${expectationText(each)} (${scenario})`),
  );
  return lines.length === 0 ? [] : ['', ...lines];
}
