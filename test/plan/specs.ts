/** Specs for tests: a small valid spec, and changes to it. */
import { compilePlan } from '../../src/plan/compile/compile-plan.js';
import type { Plan } from '../../src/plan/compiled/plan.js';
import type { Spec } from '../../src/plan/spec/fields/shape.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';

export const identity = { workflowId: 'rollout:digits', runId: '0192-run' };

export const role = 'arn:aws:iam::123456789012:role/penstock-sagemaker';

export const smallest = {
  apiVersion: 'penstock/v1',
  endpoint: 'digits',
  models: { baseline: 'live', candidate: { model: 'digits-2' } },
  strategy: 'standard',
};

export const trained = {
  train: {
    image: 'local/digits',
    role,
    input: { train: 's3://bucket/train' },
    output: 's3://bucket/models',
    instance: { type: 'ml.m5.large' },
  },
};

/** The smallest spec with `fields` replaced. */
export function specWith(fields: object): Spec {
  return validateSpec({ ...smallest, ...fields });
}

export function planWith(fields: object): Plan {
  return compilePlan(specWith(fields), identity);
}
