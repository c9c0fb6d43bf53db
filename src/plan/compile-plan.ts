import { compileGuardrails } from './compile-guardrails.js';
import { compileModel } from './compile-models.js';
import { namesOf, type Plan, type ValidationPlan } from './plan.js';
import { rolloutIdOf } from './rollout-id.js';
import { SpecError } from './spec-error.js';
import type { Spec } from './spec-schema.js';
import type { GoldenSpec } from './spec/validation.js';
import { compileSteps, shortestBakeSeconds } from './strategies/strategies.js';

/** Where `onInconclusive: hold` never gives up, nothing reads the limit; this is what `rollBack` would wait. */
const defaultHoldSeconds = 3_600;

/**
 * Freezes a spec into the plan of one run: same spec and identity, same plan. Throws SpecError where the golden records
 * are still in a file, which this function cannot read.
 */
export function compilePlan(spec: Spec, identity: { workflowId: string; runId: string }): Plan {
  const rolloutId = rolloutIdOf(spec.endpoint, identity);
  const names = namesOf(rolloutId);
  const steps = compileSteps(spec.strategy);
  const subject = { endpoint: spec.endpoint, variant: names.variant.candidate };
  const cadence = {
    metricPeriodSeconds: spec.serve.metricsEvery,
    shortestBakeSeconds: shortestBakeSeconds(steps),
  };
  return {
    version: 1,
    rolloutId,
    endpoint: spec.endpoint,
    strategy: spec.strategy.name,
    models: {
      baseline: compileModel(spec.models.baseline, names.onlyConfig.baseline),
      candidate: compileModel(spec.models.candidate, names.onlyConfig.candidate),
    },
    registration: spec.models.register ?? null,
    serve: {
      instanceType: spec.serve.instance ?? null,
      count: spec.serve.count ?? null,
      metricPeriodSeconds: spec.serve.metricsEvery,
    },
    validation: compileValidation(spec.validate),
    steps,
    guardrails: compileGuardrails(spec.guardrails, subject, cadence),
    onInconclusive: spec.onInconclusive.kind,
    limits: {
      deploySeconds: spec.serve.limits.deploy,
      shiftSeconds: spec.serve.limits.shift,
      rollbackSeconds: spec.serve.limits.rollBack,
      holdSeconds: spec.onInconclusive.holdSeconds ?? defaultHoldSeconds,
    },
  };
}

function compileValidation(validate: Spec['validate']): ValidationPlan | null {
  if (validate?.golden === undefined) return null;
  return { golden: compileGolden(validate.golden), latency: validate.latency ?? null };
}

function compileGolden(golden: GoldenSpec): ValidationPlan['golden'] {
  if (golden.kind === 'records') return { records: golden.records, minimumMatchPercent: golden.atLeast };
  const problem = {
    file: null,
    line: null,
    column: null,
    path: 'validate.golden',
    found: JSON.stringify(golden.file),
    allowed: 'the records themselves',
    message:
      'A worker has no access to the file; `penstock start` and RolloutClient put its records into the spec.',
  };
  throw new SpecError([problem]);
}
