/** Each effect happens once, and none after the end. */
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import { findDoubles, mayFollow } from '../../../../bench/soak/invariants.js';
import { describeCall } from '../../../../bench/soak/journal.js';
import { isEffect } from '../../../faults/kills/effects.js';
import type { Record } from '../play/record.js';
import type { Invariant } from './violation.js';

const changes = new Set(['UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities']);

/**
 * Other people's changes of the endpoint can come between two equal ones. Their tags cannot.
 * In the log, a registration that changes only the suspension of scaling equals the one before.
 */
export const everyEffectOnce: Invariant = (record) =>
  findDoubles(
    record.calls.filter((call) =>
      record.foreign.has(call)
        ? changes.has(call.operation)
        : !isRestored(record, call) &&
          call.operation !== 'RegisterScalableTarget' &&
          !isRepeatable(record, call),
    ),
    (before, call) => mayFollow(before) || record.foreign.has(call) || !isDone(record, call),
  ).map((message) => ({ atMs: record.startMs, message }));

/**
 * An update of a version is absolute. So the SDK may send it again after a lost response, and an attempt after a read that
 * was wrong.
 */
function isRepeatable({ hits, scenario }: Record, { operation }: CallRecord): boolean {
  const isMisled =
    scenario.account.staleReadsMs > 0 ||
    hits.some((hit) => /^(Describe|Update)ModelPackage$/.test(hit.operation));
  return operation === 'UpdateModelPackage' && isMisled;
}

/** `drift: revert` makes a config again that someone else has deleted. */
function isRestored({ calls, foreign }: Record, { at, operation, parameters }: CallRecord): boolean {
  const name = parameters.EndpointConfigName;
  const isItsDeletion = (call: CallRecord) =>
    call.operation === 'DeleteEndpointConfig' && call.parameters.EndpointConfigName === name;
  return (
    operation === 'CreateEndpointConfig' &&
    calls.some((call) => foreign.has(call) && call.at <= at && isItsDeletion(call))
  );
}

/** The endpoint already was as the call asks for: neither AWS nor someone else had undone an earlier request. */
function isDone({ samples }: Record, { at, operation, parameters }: CallRecord): boolean {
  const live = samples.findLast(({ atMs }) => atMs <= at)?.live;
  if (!live) return false;
  if (operation === 'UpdateEndpoint') return live.config === parameters.EndpointConfigName;
  const desired = JSON.parse(String(parameters.DesiredWeightsAndCapacities)) as {
    VariantName: string;
    DesiredWeight?: number;
    DesiredInstanceCount?: number;
  }[];
  return desired.every(({ VariantName, DesiredWeight, DesiredInstanceCount }) => {
    const variant = live.variants.find(({ name }) => name === VariantName);
    if (!variant) return false;
    return (
      (DesiredWeight ?? variant.weight) === variant.weight &&
      (DesiredInstanceCount ?? variant.count) === variant.count
    );
  });
}

export const nothingAfterTheEnd: Invariant = ({ calls, foreign, endedMs }) =>
  calls
    .filter((call) => isEffect(call) && !foreign.has(call) && endedMs !== null && call.at > endedMs)
    .map((call) => ({ atMs: call.at, message: `changed after its end: ${describeCall(call)}` }));
