/** The rollout's own requests that move users between the models, from the log of calls and from the switch's split. */
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import { isEffect } from '../../../faults/kills/effects.js';
import { isCandidate } from '../scenario.js';
import type { Record } from '../play/record.js';

export const weightsCall = 'UpdateEndpointWeightsAndCapacities';

export interface TrafficChange {
  atMs: number;
  /** The candidate's share in percent: before the request, and as requested. */
  before: number;
  after: number;
  /** Null: the split of two endpoints. */
  call: CallRecord | null;
  /** AWS carried it out, with or without a response. */
  hasEffect: boolean;
}

/** Requests of instances alone, and requests of other people, are none of them. */
export function trafficChangesOf(record: Record): TrafficChange[] {
  const { calls, foreign, samples } = record;
  const changes: TrafficChange[] = [];
  for (const call of calls) {
    if (foreign.has(call)) continue;
    const after = shareAfter(record, call);
    if (after === null) continue;
    changes.push({ atMs: call.at, before: shareAt(record, call.at), after, call, hasEffect: isEffect(call) });
  }
  if (isOfTwoEndpoints(record))
    samples.forEach((sample, i) => {
      const before = samples[i - 1]?.candidateShare ?? 0;
      const { atMs, candidateShare: after } = sample;
      if (after !== before) changes.push({ atMs, before, after, call: null, hasEffect: true });
    });
  return changes.sort((a, b) => a.atMs - b.atMs);
}

export function isOfTwoEndpoints({ scenario }: Pick<Record, 'scenario'>): boolean {
  return (scenario.spec.serve as { topology?: string } | undefined)?.topology === 'endpoints';
}

/** The candidate's share at that time, in percent. */
export function shareAt({ samples }: Record, atMs: number): number {
  return samples.findLast((sample) => sample.atMs <= atMs)?.candidateShare ?? 0;
}

/** The share that the call asks for. Null: it asks for none. */
function shareAfter(record: Record, { operation, parameters }: CallRecord): number | null {
  if (isOfTwoEndpoints(record)) return null;
  if (operation === 'UpdateEndpoint') {
    const config = String(parameters.EndpointConfigName);
    if (config.endsWith('-b')) return 100;
    // A config with both models keeps the weights that they have.
    return config.endsWith('-ab') ? null : 0;
  }
  if (operation !== weightsCall) return null;
  const desired = JSON.parse(String(parameters.DesiredWeightsAndCapacities)) as {
    VariantName: string;
    DesiredWeight?: number;
  }[];
  const total = desired.reduce((sum, { DesiredWeight = 0 }) => sum + DesiredWeight, 0);
  const name = candidateVariantOf(record);
  const own = desired.find(({ VariantName }) => VariantName === name)?.DesiredWeight;
  return own === undefined || total === 0 ? null : (100 * own) / total;
}

function candidateVariantOf({ samples }: Record): string | null {
  for (const { live } of samples)
    for (const { model, name } of live?.variants ?? []) if (isCandidate(model)) return name;
  return null;
}

/** The endpoint has only the candidate, or is about to: the rollout has made the promotion. */
export function isPromotion({ call, hasEffect }: TrafficChange): boolean {
  return (
    hasEffect &&
    call?.operation === 'UpdateEndpoint' &&
    String(call.parameters.EndpointConfigName).endsWith('-b')
  );
}
