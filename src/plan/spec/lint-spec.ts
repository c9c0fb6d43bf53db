/** Warnings about specs that are valid but probably not intended. */
import { formatPercent } from '../units/percents.js';
import type { Spec } from './fields/shape.js';
import { seriesOfSource } from './guardrails/metric-source.js';
import { specStepsOf } from './cross-field-rules.js';

/** One message for each warning. */
export function lintSpec(spec: Spec): string[] {
  return [...lintGuardrails(spec), ...lintValidation(spec), ...lintSteps(spec), ...lintModels(spec)];
}

function lintGuardrails({ guardrails }: Spec): string[] {
  if (guardrails.length === 0)
    return [
      'There are no guardrails: the rollout cannot roll back automatically, even if the candidate fails.',
    ];
  return guardrails.flatMap((rule) =>
    rule.kind === 'source' &&
    !seriesOfSource(rule.source).some(({ dimensions }) => Object.values(dimensions).some(namesVariant))
      ? [`${rule.label} has no dimension with {variant} or {role}: it measures both models together.`]
      : [],
  );
}

function namesVariant(value: string): boolean {
  return value.includes('{variant}') || value.includes('{role}');
}

function lintValidation({ validate }: Spec): string[] {
  if (!validate) return ["There is no validate: the candidate's first requests are user requests."];
  const { latency } = validate;
  const minRequests = latency ? Math.ceil(100 / (100 - latency.percentile)) : 0;
  return latency && latency.requests < minRequests
    ? [
        `p${latency.percentile} of ${latency.requests} requests is only the slowest request; use ${minRequests} or more.`,
      ]
    : [];
}

function lintSteps(spec: Spec): string[] {
  const shares = specStepsOf(spec).flatMap((step) =>
    step.kind === 'setWeights' ? [step.weights.candidate] : [],
  );
  const first = shares[0] ?? 0;
  return shares.length > 1 && first >= 50
    ? [`The first step already sends ${formatPercent(first)} of the traffic to the candidate.`]
    : [];
}

function lintModels({ models }: Spec): string[] {
  const { baseline, candidate } = models;
  return baseline.kind === 'train' &&
    candidate.kind === 'train' &&
    JSON.stringify(baseline.train) === JSON.stringify(candidate.train)
    ? ['Both models have the same training: the rollout compares a model with itself.']
    : [];
}
