import type { SpecJson } from '../../src/client.js';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';
import { role } from './live-endpoint.js';

/** From a live endpoint to the model NAME-2, with a bake of one window. `fields` override these. */
export function specOf(endpoint: string, fields: object = {}): SpecJson {
  const { json } = parseSpec(canary(endpoint), `${endpoint}.yaml`);
  const whole = { ...(json as SpecJson), ...fields };
  validateSpec(whole);
  return whole;
}

const canary = (endpoint: string) => `
apiVersion: penstock/v1
endpoint: ${endpoint}
models:
  baseline: live
  candidate: { model: ${endpoint}-2 }
serve: { metricsEvery: 10s }
strategy:
  canary: { steps: [50%, 100%], bake: 10s }
guardrails:
  - { metric: errorRate, below: 2%, minimumRequests: 50, window: 10s, dataDelay: 2s }
`;

/** Long enough for an event during the bake. */
export const longBake = { canary: { steps: ['50%', { share: '100%', bake: '10s' }], bake: '10m' } };

export const twoSteps = { canary: { steps: ['25%', '50%', '100%'], bake: '10s' } };

/** A model that a simulated job trains. */
export function trained(image: string) {
  return {
    train: {
      image: `simulated/${image}`,
      role,
      input: { train: 's3://bucket/train' },
      output: 's3://bucket/models',
      instance: { type: 'ml.m5.large' },
      hyperparameters: { epochs: 3 },
    },
  };
}

/** Seconds. For environments in which running jobs are changed. */
export const longTraining = { training: 600 };

/** Instances of an endpoint that does not exist yet. */
export const newServe = { instance: 'ml.m5.large', count: 1, metricsEvery: '10s' };
