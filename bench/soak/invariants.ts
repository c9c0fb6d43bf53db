/** What must be so of every rollout, by the emulator's log and state. Sentences; empty: nothing is wrong. */
import type { RolloutResult, TimelineEntry } from '../../src/client.js';
import type { CallRecord } from '../../src/emulator/account/calls.js';
import type { Names } from '../../src/plan/compiled/names.js';
import { findLeftBehind, findUnverified } from '../../test/faults/aws/oracle.js';
import type { Snapshot } from '../../test/faults/aws/snapshot.js';
import { isEffect } from '../../test/faults/kills/effects.js';
import { describeCall } from './journal.js';
import type { Given } from './operator.js';

export interface Evidence {
  endpoint: string;
  rolloutId: string;
  names: Names;
  isBad: boolean;
  result: RolloutResult;
  /** Epoch ms, by Temporal. */
  endedAt: number;
  timeline: TimelineEntry[];
  atEnd: Snapshot;
  /** Since the start. */
  calls: CallRecord[];
  given: Given[];
  /** Null: its history replays. */
  replayProblem: string | null;
  /** Sentences of holds that somebody was told of. */
  heldNotices: string[];
  /** An operator ended a hold that nothing else did. */
  wasReleased: boolean;
}

/** What another hand set: nothing that a rollout ever sets. */
export const byHand = { baseline: 37, candidate: 63, config: (endpoint: string) => `${endpoint}-other` };

/** A change by another hand that began after a rollout's last look is not the rollout's. */
const lastLookMs = 5_000;
/** A killed worker's attempt is given to another one after 60 s; then it starts, looks and obeys. */
const obeyWithinMs = 150_000;
const weights = 'UpdateEndpointWeightsAndCapacities';

export function findViolations(evidence: Evidence): string[] {
  return [
    ...(evidence.replayProblem === null ? [] : [evidence.replayProblem]),
    ...findWrongEnd(evidence),
    ...findDoubles(evidence),
    ...findRaises(evidence),
    ...findLostCommands(evidence),
    ...findChangesAfter(evidence, evidence.calls),
  ];
}

/** Also when the whole soak is over. */
export function findChangesAfter({ endpoint, endedAt }: Evidence, calls: CallRecord[]): string[] {
  return calls
    .filter((call) => call.at > endedAt && isOfRollout(call, endpoint))
    .map((call) => `changed after its end: ${describeCall(call)}`);
}

function findWrongEnd(evidence: Evidence): string[] {
  const { calls, endedAt, endpoint, heldNotices, isBad, result, wasReleased } = evidence;
  const ending = { ...evidence, injection: null, scenario: { startsLive: true } };
  const isTouched = calls.some(
    (call) => isEffect(call) && isByHand(call, endpoint) && call.at > endedAt - lastLookMs,
  );
  const problems = [...(isTouched ? [] : findUnverified(ending)), ...findLeftBehind(ending)];
  if (result.outcome === 'rollbackFailed') problems.push(`rollbackFailed: ${result.reason}`);
  if (wasReleased && heldNotices.length === 0) problems.push('held for long, and nobody was told');
  const isPromoted = result.outcome === 'promoted';
  if (isPromoted && isBad && !wasCommanded(evidence)) problems.push('a bad candidate is promoted');
  if (isPromoted && seenInAlarm(calls) >= 0) problems.push('promoted, though an alarm was seen in ALARM');
  return problems;
}

function wasCommanded({ given }: Evidence): boolean {
  return given.some(({ command, answer }) => /^promote/.test(command) && answer !== 'refused');
}

/** The same change again, with nothing in between that undid the first. */
function findDoubles({ calls, endpoint }: Evidence): string[] {
  const problems: string[] = [];
  const made = new Set<string>();
  let before: CallRecord | null = null;
  for (const call of calls.filter(isEffect)) {
    const key = keyOf(call);
    const isChange = call.operation === 'UpdateEndpoint' || call.operation === weights;
    if (isChange) {
      if (before && keyOf(before) === key && !mayFollow(before) && !isByHand(call, endpoint))
        problems.push(`done twice: ${describeCall(before)}, and ${describeCall(call)}`);
      before = call;
    } else if (made.has(key)) problems.push(`done twice: ${describeCall(call)}`);
    else made.add(key);
  }
  return problems;
}

/** The same change may follow where AWS undid this one; and weights, which are absolute, where the SDK heard no answer. */
function mayFollow({ fault, operation, outcome }: CallRecord): boolean {
  const wasUndone = fault !== undefined && fault !== outcome;
  return wasUndone || (operation === weights && outcome !== 'ok');
}

/** Once an alarm is in ALARM, and at the latest once a look has seen it, the candidate gets no more traffic. */
function findRaises({ calls, endpoint, names }: Evidence): string[] {
  const since = calls.findIndex(isFiring);
  if (since < 0) return [];
  const seen = seenInAlarm(calls);
  const firedAt = calls[since]?.at ?? 0;
  let share = 0;
  return calls.flatMap((call, index) => {
    if (!isEffect(call) || (call.operation !== 'UpdateEndpoint' && call.operation !== weights)) return [];
    const before = share;
    share = shareAfter(call, names) ?? share;
    if (isByHand(call, endpoint) || share <= before) return [];
    const isLate = index > since && call.at > firedAt + obeyWithinMs;
    return (seen >= 0 && index > seen) || isLate ? [`raised in ALARM: ${describeCall(call)}`] : [];
  });
}

/** Null: instances alone. */
function shareAfter({ operation, parameters }: CallRecord, names: Names): number | null {
  const { candidate } = names.singleConfig;
  if (operation === 'UpdateEndpoint') return parameters['EndpointConfigName'] === candidate ? 100 : 0;
  const wanted = JSON.parse(String(parameters['DesiredWeightsAndCapacities'])) as {
    VariantName: string;
    DesiredWeight?: number;
  }[];
  const total = wanted.reduce((sum, { DesiredWeight = 0 }) => sum + DesiredWeight, 0);
  const own = wanted.find(({ VariantName }) => VariantName === names.variant.candidate)?.DesiredWeight;
  return own === undefined || total === 0 ? null : (100 * own) / total;
}

/** Where in the log a look first had its answer of an alarm in ALARM; -1: nowhere. */
function seenInAlarm(calls: CallRecord[]): number {
  const since = calls.findIndex(isFiring);
  if (since < 0) return -1;
  return calls.findIndex(
    ({ operation, outcome, fault }, index) =>
      index > since && operation === 'DescribeAlarms' && outcome === 'ok' && fault === undefined,
  );
}

function isFiring({ operation, parameters }: CallRecord): boolean {
  return operation === 'SetAlarmState' && parameters['StateValue'] === 'ALARM';
}

/** What was accepted is recorded once; what was refused, not as accepted. */
function findLostCommands({ given, timeline }: Evidence): string[] {
  return given.flatMap(({ command, reason, answer, wasSignalled }) => {
    if (answer === 'none') return [`${command}, ${reason}, was never answered`];
    const recorded = timeline.filter(
      (entry) => entry.kind === 'command' && entry.accepted && entry.reason === reason,
    ).length;
    // Its first answer may have been lost with the worker, and the rollout over by the second.
    const mayBeZero = answer === 'refused' || wasSignalled;
    if (recorded === 1 || (recorded === 0 && mayBeZero)) return [];
    return [`${command}, ${reason}, was ${answer} and is recorded ${recorded} times`];
  });
}

function isOfRollout(call: CallRecord, endpoint: string): boolean {
  return isEffect(call) && !isByHand(call, endpoint);
}

function isByHand({ parameters }: CallRecord, endpoint: string): boolean {
  const { DesiredWeightsAndCapacities, EndpointConfigName } = parameters;
  if (EndpointConfigName === byHand.config(endpoint)) return true;
  return String(DesiredWeightsAndCapacities).includes(`"DesiredWeight":${byHand.candidate}}`);
}

function keyOf({ operation, parameters }: CallRecord): string {
  return `${operation} ${JSON.stringify(parameters)}`;
}
