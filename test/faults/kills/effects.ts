/** What a rollout has changed in its account, by the emulator's own log of calls. */
import type { Emulator } from '../../../src/emulator/emulator.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import type { Running } from '../../e2e/rollout-under-test.js';

const readsOnly = /^(Describe|List|Get|Invoke|Put|Set)/;

/** Carried out, whatever the caller has heard. */
const effective = new Set(['ok', 'lostResponse', 'timeoutAfterEffect']);

/** In their order, those that mention the endpoint; calls that only read are none, nor are refused ones. */
export function effectsOn(emulator: Emulator, endpoint: string): CallRecord[] {
  const about = new RegExp(`\\b${endpoint}\\b`);
  return [...emulator.calls].filter((call) => isEffect(call) && about.test(JSON.stringify(call.parameters)));
}

/** Carried out, and not only a reading. */
export function isEffect({ operation, outcome }: CallRecord): boolean {
  return !readsOnly.test(operation) && effective.has(outcome);
}

/** e.g. `DeleteEndpointConfig {"EndpointConfigName":"ID-ab"}`: the same for every rollout of the same story. */
export function describeEffect({ operation, parameters }: CallRecord, rollout: Running): string {
  return `${operation} ${anonymous(JSON.stringify(parameters), rollout)}`;
}

/** Names that differ from run to run become words. */
export function anonymous(text: string, { rolloutId, endpoint }: Running): string {
  return text
    .replaceAll(rolloutId, 'ID')
    .replaceAll(rolloutId.slice(-8), 'KEY')
    .replaceAll(endpoint, 'ENDPOINT')
    .replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{36}\b/g, 'HASH');
}
