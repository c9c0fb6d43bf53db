/** The changes that a rollout has made in its account, according to the emulator's log of calls. */
import type { Emulator } from '../../../src/emulator/emulator.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';

const readsOnly = /^(Describe|List|Get|Invoke|Put|Set|Simulate)/;

/** The call was carried out, with or without a response. */
const effective = new Set(['ok', 'lostResponse', 'timeoutAfterEffect']);

/** The calls with an effect that mention the endpoint, in order. Reads and rejected calls have no effect. */
export function effectsOn(emulator: Emulator, endpoint: string): CallRecord[] {
  const about = new RegExp(`\\b${endpoint}\\b`);
  return [...emulator.calls].filter((call) => isEffect(call) && about.test(JSON.stringify(call.parameters)));
}

/** The call was carried out, and is not a read. */
export function isEffect({ operation, outcome }: CallRecord): boolean {
  return !readsOnly.test(operation) && effective.has(outcome);
}

/** e.g. `DeleteEndpointConfig {"EndpointConfigName":"ID-ab"}`: the same for every rollout of a scenario. */
export function describeEffect({ operation, parameters }: CallRecord, rollout: RolloutUnderTest): string {
  return `${operation} ${normalizeNames(JSON.stringify(parameters), rollout)}`;
}

/** Replaces names that differ between runs by fixed words. */
export function normalizeNames(text: string, { rolloutId, endpoint }: RolloutUnderTest): string {
  return text
    .replaceAll(rolloutId, 'ID')
    .replaceAll(rolloutId.slice(-8), 'KEY')
    .replaceAll(endpoint, 'ENDPOINT')
    .replaceAll(/\b\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{36}\b/g, 'HASH');
}
