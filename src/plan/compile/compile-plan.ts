import { bakeAllTraffic } from './bake-all-traffic.js';
import { compileGuardrails } from './compile-guardrails.js';
import { compileGoals } from './compile-goals.js';
import { compileJudging } from './compile-judging.js';
import { compileModel, compileWriteBack } from './compile-models.js';
import { replacedVariantOf } from '../compiled/model-plan.js';
import { resourceNamesOf } from '../compiled/names.js';
import type { Plan, RollbackWindow } from '../compiled/plan.js';
import type { ValidationPlan } from '../compiled/validation-plan.js';
import { defaultNamingOf } from '../compiled/variant-names.js';
import { placeGates } from './place-gates.js';
import { rolloutIdOf } from './rollout-id.js';
import { SpecError } from '../spec/spec-error.js';
import type { Spec } from '../spec/fields/shape.js';
import type { GoldenSpec } from '../spec/fields/golden.js';
import { specStepsOf } from '../spec/cross-field-rules.js';
import { minBakeSecondsOf } from './strategies/strategies.js';

/** Unused with `onInconclusive: hold`. The value is the default of `rollBack`. */
const defaultHoldSeconds = 3_600;

/**
 * Compiles a spec into the plan of one run. The same spec and identity give the same plan. Throws SpecError if the
 * golden records are still in a file, which this function cannot read.
 */
export function compilePlan(spec: Spec, identity: { workflowId: string; runId: string }): Plan {
  const rolloutId = rolloutIdOf(spec.endpoint, identity);
  const names = resourceNamesOf(rolloutId);
  const steps = specStepsOf(spec);
  const endpoint = spec.serve.topology === 'endpoints' ? names.candidateEndpoint : spec.endpoint;
  // The preflight finds out the baseline's name, on which the candidate's can depend.
  const subject = { endpoint, variant: '{variant}', role: 'candidate', rolloutId };
  const cadence = {
    metricPeriodSeconds: spec.serve.metricsEvery,
    minBakeSeconds: minBakeSecondsOf(steps),
  };
  const guardrails = compileGuardrails(spec.guardrails, subject, cadence, spec.endpoint);
  const allSteps = placeGates(bakeAllTraffic(steps, guardrails), spec.gates);
  const rollbackWindow = rollbackWindowOf(spec);
  const baseline = compileModel(spec.models.baseline, names.singleConfig.baseline);
  return {
    version: 1,
    rolloutId,
    endpoint: spec.endpoint,
    strategy: spec.strategy.map(({ name }) => name).join('+'),
    topology: spec.serve.topology,
    models: {
      baseline,
      candidate: compileModel(spec.models.candidate, names.singleConfig.candidate),
    },
    registration: spec.models.register ?? null,
    writeBack: compileWriteBack(spec.models),
    serve: {
      instanceType: spec.serve.instance ?? null,
      count: spec.serve.count ?? null,
      metricPeriodSeconds: spec.serve.metricsEvery,
      capacity: spec.serve.capacity,
      variantNames: spec.serve.variantNames ?? defaultNamingOf(replacedVariantOf(baseline)),
      ...(spec.serve.variant && { variant: spec.serve.variant }),
    },
    validation: compileValidation(spec.validate),
    steps: allSteps,
    guardrails,
    goals: compileGoals(spec.goals, spec.endpoint),
    judging: compileJudging(spec.judging, {
      steps: allSteps,
      guardrails,
      rollbackWindowSeconds: rollbackWindow?.seconds ?? 0,
    }),
    onInconclusive: spec.onInconclusive.kind,
    onBlocked: spec.onBlocked,
    drift: spec.drift,
    rollbackWindow,
    freeze: spec.freeze,
    notify: spec.notify,
    tags: spec.tags,
    limits: {
      deploySeconds: spec.serve.limits.deploy,
      shiftSeconds: spec.serve.limits.shift,
      rollbackSeconds: spec.serve.limits.rollBack,
      holdSeconds: spec.onInconclusive.holdSeconds ?? defaultHoldSeconds,
    },
  };
}

function compileValidation(validate: Spec['validate']): ValidationPlan | null {
  if (validate === undefined) return null;
  return {
    smoke: validate.smoke === undefined ? null : { requests: validate.smoke },
    golden: validate.golden === undefined ? null : compileGolden(validate.golden),
    latency: validate.latency ?? null,
    load: validate.load ?? null,
  };
}

/** With blue-green, blue stays for an hour by default, so that an operator can undo. */
function rollbackWindowOf({ rollbackWindow, strategy, models }: Spec): RollbackWindow | null {
  if (rollbackWindow) return rollbackWindow;
  const keepsBlue = strategy.some(({ name }) => name === 'blueGreen') && models.baseline.kind !== 'none';
  return keepsBlue ? { seconds: 3_600, baseline: 'warm' } : null;
}

function compileGolden(golden: GoldenSpec): ValidationPlan['golden'] {
  const { atLeast: minimumMatchPercent, judge } = golden;
  if (golden.kind === 'records')
    return { records: golden.records, minimumMatchPercent, ...(judge && { judge }) };
  const problem = {
    file: null,
    line: null,
    column: null,
    path: 'validate.golden',
    found: JSON.stringify(golden.file),
    allowed: 'the records themselves',
    message:
      'The worker cannot read the golden file; start the rollout with `penstock start` or RolloutClient, which put its records into the spec.',
  };
  throw new SpecError([problem]);
}
