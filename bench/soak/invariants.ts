/** Invariants of every rollout, checked with the emulator's call log and state. Returns one message per violation. */
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
  /** Close time by Temporal, epoch ms. */
  endedAt: number;
  timeline: TimelineEntry[];
  atEnd: Snapshot;
  /** Calls since the start. */
  calls: CallRecord[];
  given: Given[];
  /** Null: the history replays. */
  replayProblem: string | null;
  /** Messages of notifications about holds. */
  holdNotifications: string[];
  /** An operator ended a long hold. */
  wasReleased: boolean;
}

/** Values of external changes. A rollout never sets these values. */
export const externalChange = {
  baseline: 37,
  candidate: 63,
  config: (endpoint: string) => `${endpoint}-other`,
};

/** The rollout cannot see an external change that began after its last check. */
const finalCheckMs = 5_000;
/** Temporal retries the attempt of a killed worker after 60 s. The next worker then starts, polls and reacts. */
const reactWithinMs = 150_000;
const weights = 'UpdateEndpointWeightsAndCapacities';

export function findViolations(evidence: Evidence): string[] {
  return [
    ...(evidence.replayProblem === null ? [] : [evidence.replayProblem]),
    ...findWrongEnd(evidence),
    ...findDoubles(
      evidence.calls,
      (before, call) => mayFollow(before) || isExternalChange(call, evidence.endpoint),
    ),
    ...findRaises(evidence),
    ...findLostCommands(evidence),
    ...findChangesAfter(evidence, evidence.calls),
  ];
}

/** Also checked after the whole soak. */
export function findChangesAfter({ endpoint, endedAt }: Evidence, calls: CallRecord[]): string[] {
  return calls
    .filter((call) => call.at > endedAt && isOfRollout(call, endpoint))
    .map((call) => `changed after its end: ${describeCall(call)}`);
}

function findWrongEnd(evidence: Evidence): string[] {
  const { calls, endedAt, endpoint, holdNotifications, isBad, result, wasReleased } = evidence;
  const ending = { ...evidence, injection: null, scenario: { startsLive: true } };
  const isTouched = calls.some(
    (call) => isEffect(call) && isExternalChange(call, endpoint) && call.at > endedAt - finalCheckMs,
  );
  const problems = [...(isTouched ? [] : findUnverified(ending)), ...findLeftBehind(ending)];
  if (result.outcome === 'rollbackFailed') problems.push(`rollbackFailed: ${result.reason}`);
  if (wasReleased && holdNotifications.length === 0) problems.push('held for long without a notification');
  const isPromoted = result.outcome === 'promoted';
  if (isPromoted && isBad && !wasCommanded(evidence)) problems.push('a bad candidate is promoted');
  if (isPromoted && seenInAlarm(calls) >= 0) problems.push('promoted, though an alarm was seen in ALARM');
  return problems;
}

function wasCommanded({ given }: Evidence): boolean {
  return given.some(({ command, answer }) => /^promote/.test(command) && answer !== 'rejected');
}

/** Finds changes that were made twice although the first was not undone. */
export function findDoubles(
  calls: CallRecord[],
  isAllowed: (before: CallRecord, call: CallRecord) => boolean,
): string[] {
  const problems: string[] = [];
  const seenKeys = new Set<string>();
  let before: CallRecord | null = null;
  for (const call of calls.filter(isEffect)) {
    const key = keyOf(call);
    const isChange = call.operation === 'UpdateEndpoint' || call.operation === weights;
    if (isChange) {
      if (before && keyOf(before) === key && !isAllowed(before, call))
        problems.push(`done twice: ${describeCall(before)}, and ${describeCall(call)}`);
      before = call;
    } else if (seenKeys.has(key)) problems.push(`done twice: ${describeCall(call)}`);
    else seenKeys.add(key);
  }
  return problems;
}

/**
 * The same change may follow if AWS undid the first. Weights may also follow a lost response, because they are
 * absolute.
 */
export function mayFollow({ fault, operation, outcome }: CallRecord): boolean {
  const wasUndone = fault !== undefined && fault !== outcome;
  return wasUndone || (operation === weights && outcome !== 'ok');
}

/** After a poll has seen an alarm in ALARM, or after `reactWithinMs`, the candidate's share must not increase. */
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
    if (isExternalChange(call, endpoint) || share <= before) return [];
    const isLate = index > since && call.at > firedAt + reactWithinMs;
    return (seen >= 0 && index > seen) || isLate ? [`raised in ALARM: ${describeCall(call)}`] : [];
  });
}

/** Null: the call changes only instances. */
function shareAfter({ operation, parameters }: CallRecord, names: Names): number | null {
  const { candidate } = names.singleConfig;
  if (operation === 'UpdateEndpoint') return parameters['EndpointConfigName'] === candidate ? 100 : 0;
  const desired = JSON.parse(String(parameters['DesiredWeightsAndCapacities'])) as {
    VariantName: string;
    DesiredWeight?: number;
  }[];
  const total = desired.reduce((sum, { DesiredWeight = 0 }) => sum + DesiredWeight, 0);
  const own = desired.find(({ VariantName }) => VariantName === names.variant.candidate)?.DesiredWeight;
  return own === undefined || total === 0 ? null : (100 * own) / total;
}

/** Index of the first call that returned an alarm in ALARM. -1: none. */
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

type AnsweredCommand = Omit<Given, 'command'> & { command: string };

/** An accepted command is recorded once. A rejected command is not recorded as accepted. */
export function findLostCommands({
  given,
  timeline,
}: Pick<Evidence, 'timeline'> & { given: AnsweredCommand[] }): string[] {
  return given.flatMap(({ command, reason, answer, wasSignalled }) => {
    if (answer === 'none') return [`${command}, ${reason}, was never answered`];
    const recorded = timeline.filter(
      (entry) => entry.kind === 'command' && entry.accepted && entry.reason === reason,
    ).length;
    // The first response can be lost with the worker. Before the second, the rollout can end.
    const mayBeZero = answer === 'rejected' || wasSignalled;
    if (recorded === 1 || (recorded === 0 && mayBeZero)) return [];
    return [`${command}, ${reason}, was ${answer} and is recorded ${recorded} times`];
  });
}

function isOfRollout(call: CallRecord, endpoint: string): boolean {
  return isEffect(call) && !isExternalChange(call, endpoint);
}

function isExternalChange({ parameters }: CallRecord, endpoint: string): boolean {
  const { DesiredWeightsAndCapacities, EndpointConfigName } = parameters;
  if (EndpointConfigName === externalChange.config(endpoint)) return true;
  return String(DesiredWeightsAndCapacities).includes(`"DesiredWeight":${externalChange.candidate}}`);
}

function keyOf({ operation, parameters }: CallRecord): string {
  return `${operation} ${JSON.stringify(parameters)}`;
}
