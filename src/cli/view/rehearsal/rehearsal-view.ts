/** The output of `penstock rehearse` for one scenario: the outcome, its cost, and everything that happened. */
import { formatSpan } from '../relative-time.js';
import { formatCount, formatCountOf } from '../numbers.js';
import type { CheckedExpectation, Rehearsal } from '../../../rehearsal/report/rehearsal-report.js';
import { iconOfRehearsal } from './outcome-icon.js';
import { hangingText } from './wrap.js';

const labelWidth = 14;
const timeWidth = 18;
/** A rule that alternates for weeks would fill the screen. */
const maxLines = 200;
const longReason = 60;

export function renderRehearsal(rehearsal: Rehearsal, columns: number): string[] {
  const { scenario, about, outcome, assumptions, expectations } = rehearsal;
  return [
    `${iconOfRehearsal(outcome)} ${scenario}: ${outcome}`,
    ...hangingText('', 2, about, columns),
    '',
    ...factsOf(rehearsal).flatMap(([label, text]) => hangingText(label, labelWidth, text, columns)),
    ...assumptions.flatMap((text, i) => hangingText(i === 0 ? 'Assumed' : '', labelWidth, text, columns)),
    '',
    'TIME (UTC)        EVENT',
    ...timelineOf(rehearsal, columns),
    ...(expectations.length === 0 ? [] : ['', ...expectations.map(expectationText)]),
  ];
}

function factsOf(rehearsal: Rehearsal): [string, string][] {
  const { reason, cause, decision, candidate, baseline, instanceHours, notifications } = rehearsal;
  const since = cause === null ? 'the start' : 'the cause';
  return [
    ['Reason', reason],
    ['Start', minuteOf(rehearsal.startedAt)],
    ...(cause === null ? [] : [['Cause', `${minuteOf(cause.at)}, ${cause.message}`] as [string, string]]),
    [
      'Decision',
      decision === null
        ? 'none'
        : `${minuteOf(decision.at)}, ${formatSpan(decision.afterSeconds)} after ${since}`,
    ],
    ['End', minuteOf(rehearsal.endedAt)],
    ['Users', `${formatCount(candidate.users)} of ${formatCount(candidate.ofUsers)} got the candidate`],
    ['Candidate', requestsText(candidate)],
    ['Baseline', `${formatCountOf(baseline.requests, 'request')}, ${formatCount(baseline.failed)} failed`],
    [
      'Instances',
      `${instanceHours.baseline} instance-hours of the baseline, ${instanceHours.candidate} of the candidate`,
    ],
    ['Notifications', notifications.length === 0 ? 'none' : `${notifications.length}, in the list below`],
  ];
}

function requestsText({ requests, failed, copies, requestsSinceCause }: Rehearsal['candidate']): string {
  const facts = [formatCountOf(requests, 'request'), `${formatCount(failed)} failed`];
  if (requestsSinceCause !== null && requestsSinceCause !== requests)
    facts.push(`${formatCount(requestsSinceCause)} since the cause`);
  if (copies > 0) facts.push(`${formatCount(copies)} copies of requests`);
  return facts.join(', ');
}

interface Line {
  at: string;
  text: string;
}

/**
 * The timeline of the rollout, with the events of the scenario (▶) and the notifications (✉). A long reason, which is at
 * the top, is not repeated in every line.
 */
function timelineOf(rehearsal: Rehearsal, columns: number): string[] {
  const { timeline, events, notifications, reason } = rehearsal;
  const shorten = (text: string) =>
    reason.length > longReason ? text.replaceAll(reason, '(the reason above)') : text;
  const lines: Line[] = [
    ...timeline.map((entry) => ({
      at: entry.at,
      text: entry.kind === 'phase' ? `${entry.phase}: ${entry.message}` : entry.message,
    })),
    ...events.map(({ at, message }) => ({ at, text: `▶ ${message}` })),
    ...notifications.map(({ at, to, event, message }) => ({
      at,
      text: `✉ ${nameOf(to)}, ${event}: ${message}`,
    })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const hidden = Math.max(0, lines.length - maxLines);
  return [
    ...(hidden === 0 ? [] : [`… ${hidden} earlier entries; --json prints all`]),
    ...lines
      .slice(hidden)
      .flatMap(({ at, text }) => hangingText(minuteOf(at), timeWidth, shorten(text), columns)),
  ];
}

/** The last part of a topic's ARN, or the receiver itself. */
function nameOf(to: string): string {
  return to.startsWith('arn:') ? (to.split(':').at(-1) ?? to) : to;
}

export function expectationText({ expected, found, isMet }: CheckedExpectation): string {
  return isMet ? `✔ expected ${expected}: ${found}` : `✖ expected ${expected}, got ${found}`;
}

function minuteOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
