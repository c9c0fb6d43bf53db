/** The variants that the rollout does not replace stay as their owner leaves them. */
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import { isEffect } from '../../../faults/kills/effects.js';
import { isOther } from '../play/others.js';
import { originalConfig, originalVariant } from '../play/people.js';
import type { Record } from '../play/record.js';
import { leftBy, type OtherVariant } from '../scenario.js';
import { wasReplaced } from './ends.js';
import { weightsCall } from './traffic-changes.js';
import type { Invariant } from './violation.js';

/** Judged by the endpoint and by the log of calls. */
export const othersAreKept: Invariant = (record) => {
  const { scenario, endedMs, samples } = record;
  if (scenario.account.others.length === 0 || wasReplaced(record)) return [];
  const touched = ownCallsOf(record).flatMap((call) =>
    namesOthers(record, call) ? [{ atMs: call.at, message: `set the weight of another variant` }] : [],
  );
  const missing = samples.flatMap(({ atMs, live, others }) =>
    live === null || others.length === scenario.account.others.length
      ? []
      : [{ atMs, message: `only ${others.map(({ name }) => name).join(', ')} of the other variants exist` }],
  );
  if (endedMs === null) return [...touched, ...missing];
  const changed = scenario.account.others
    .flatMap((other) => [...findOtherAmount(record, other), ...findOtherSettings(record, other)])
    .map((message) => ({ atMs: endedMs, message }));
  return [...touched, ...missing, ...changed];
};

function ownCallsOf({ calls, foreign }: Record): CallRecord[] {
  return calls.filter((call) => !foreign.has(call) && isEffect(call));
}

function namesOthers({ scenario }: Record, { operation, parameters }: CallRecord): boolean {
  if (operation !== weightsCall) return false;
  const desired = JSON.parse(String(parameters['DesiredWeightsAndCapacities'])) as { VariantName: string }[];
  return desired.some(({ VariantName }) => isOther(VariantName, scenario.account));
}

/** Weight and instances at the end. A scaled variant has the instances that its traffic needs. */
function findOtherAmount(record: Record, other: OtherVariant): string[] {
  const last = record.samples.at(-1)?.others.find(({ name }) => name === other.name);
  if (last === undefined) return [];
  const left = leftAtEnd(record, other);
  const weights = [
    left.weight,
    ...(resetsOf(record).some((call) => isNeeded(record, call)) ? [other.weight, leftBy(other).weight] : []),
  ];
  return [
    ...(weights.some((weight) => isSame(weight, last.weight))
      ? []
      : [`variant ${other.name} has the weight ${last.weight}; its owner has left ${left.weight}`]),
    ...(other.isScaled || last.count === left.count
      ? []
      : [`variant ${other.name} has ${last.count} instances; its owner has left ${left.count}`]),
  ];
}

/** SageMaker has weights of 32 bits. */
function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-5 * Math.max(1, b);
}

function leftAtEnd({ done, scenario }: Record, other: OtherVariant): { weight: number; count: number } {
  const isFirst = scenario.account.others[0] === other;
  return done.reduce((left, { happening }) => {
    if (!isFirst || happening.kind !== 'external' || happening.change.what !== 'others') return left;
    return { weight: happening.change.weight, count: happening.change.count ?? left.count };
  }, leftBy(other));
}

/** An update retains the weights of all variants or of none, and these retain none. */
function resetsOf(record: Record): CallRecord[] {
  return ownCallsOf(record).filter(
    ({ operation, parameters }) =>
      operation === 'UpdateEndpoint' &&
      String(parameters['ExcludeRetainedVariantProperties']).includes('DesiredWeight'),
  );
}

/** The variant that the update leaves does not have the whole weight of the pair, so it must get that of the config. */
function isNeeded({ samples, scenario }: Record, { at, parameters }: CallRecord): boolean {
  const live = samples.findLast(({ atMs }) => atMs <= at)?.live;
  const isBaseline = parameters['EndpointConfigName'] === originalConfig;
  const serving = live?.variants.find(({ name }) => (name === originalVariant) === isBaseline);
  return serving === undefined || !isSame(serving.weight, scenario.account.weight);
}

function findOtherSettings({ keptBefore, keptAfter, result, done }: Record, other: OtherVariant): string[] {
  const [before, after] = [keptBefore, keptAfter].map(({ others }) =>
    others.find(({ name }) => name === other.name),
  );
  if (before === undefined || after === undefined || result === null) return [];
  const problems =
    before.settings === after.settings
      ? []
      : [`variant ${other.name} has ${after.settings}; before: ${before.settings}`];
  const isTouched = done.some(({ happening }) => happening.kind === 'external');
  const left = leftBy(other);
  const isAsLeft = isSame(after.weight ?? NaN, left.weight) && (other.isScaled || after.count === left.count);
  if (result.outcome !== 'promoted' || isTouched || isAsLeft) return problems;
  const expected = `the config has ${JSON.stringify(after)}; its owner has left ${JSON.stringify(left)}`;
  return [...problems, expected];
}
