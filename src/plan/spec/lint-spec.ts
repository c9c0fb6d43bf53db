/** Warnings about specs that are valid but probably not intended. */
import { minimumRequestsOf } from '../compile/window-defaults.js';
import { environmentNames } from '../compiled/aws-members.js';
import { formatPercent } from '../units/percents.js';
import type { Spec } from './fields/shape.js';
import type { Compared } from './guardrails/guardrails.js';
import { seriesOfSource } from './guardrails/metric-source.js';
import { specStepsOf } from './cross-field-rules.js';

/** One message for each warning. */
export function lintSpec(spec: Spec): string[] {
  return [
    ...lintGuardrails(spec),
    ...lintUsers(spec),
    ...lintValidation(spec),
    ...lintSteps(spec),
    ...lintModels(spec),
    ...lintEnvironments(spec),
  ];
}

function lintGuardrails({ guardrails }: Spec): string[] {
  if (guardrails.length === 0)
    return [
      'There are no guardrails: the rollout cannot roll back automatically, even if the candidate fails.',
    ];
  return [...lintReactions(guardrails), ...guardrails.flatMap(lintStrict), ...lintSubjects(guardrails)];
}

function lintReactions(guardrails: Spec['guardrails']): string[] {
  return guardrails.every(({ onFail }) => onFail === 'report')
    ? [
        'Every guardrail is only reported: the rollout cannot roll back automatically, even if the candidate fails. Omit onFail of one of them.',
      ]
    : [];
}

/** Fewer errors than this in a window of a rate at half the bound are out of the bound by chance now and then. */
const enoughErrors = 20;

function lintStrict(rule: Spec['guardrails'][number]): string[] {
  if (rule.kind !== 'rate' || rule.rule.kind !== 'windows') return [];
  const { metric, belowPercent } = rule;
  const needed = Math.ceil((100 * enoughErrors) / belowPercent);
  const requests = minimumRequestsOf(rule);
  return requests >= needed
    ? []
    : [
        `${metric} is strict, and a window of ${requests} requests decides: a healthy candidate can be out of ${formatPercent(belowPercent)} by chance; set minimumRequests to ${needed}, or omit strict.`,
      ];
}

function lintSubjects(guardrails: Spec['guardrails']): string[] {
  return guardrails.flatMap((rule) =>
    rule.kind === 'source' &&
    !seriesOfSource(rule.source).some(({ dimensions }) => Object.values(dimensions).some(namesVariant))
      ? [`${rule.label} has no dimension with {variant} or {role}: it measures both models together.`]
      : [],
  );
}

/** Comparisons of users who stay on one model, without a variance by user. */
function lintUsers({ guardrails, goals }: Spec): string[] {
  const usesSwitch =
    goals.some(({ source }) => source === undefined) ||
    guardrails.some((rule) => rule.kind === 'comparison' && rule.countedBy === 'switch');
  const compared = guardrails.flatMap((rule) =>
    usesSwitch && rule.kind === 'comparison' && rule.countedBy === 'sagemaker' && rule.dispersion === null
      ? [
          `The switch keeps users on one model, but the comparison of ${nameOf(rule.compared)} takes their requests for independent: it can roll back a healthy candidate. ${rule.compared === 'errorRate' ? 'Set countedBy: switch, or dispersion.' : 'Set dispersion.'}`,
        ]
      : [],
  );
  const counted = goals.flatMap(({ metric, source, dispersion }) =>
    source !== undefined && dispersion === undefined
      ? [
          `${metric} takes each of its ${source.per} for independent: if users stay on one model and can count more than once, it can decide wrongly. Count each user once, or set dispersion.`,
        ]
      : [],
  );
  return [...compared, ...counted];
}

function nameOf(compared: Compared): string {
  return typeof compared === 'string' ? compared : 'latency';
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

/** Words in the names of environment variables that often have secrets. */
const secretName = /TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY|ACCESS_?KEY/i;

/** The value only says where the secret is, or how many tokens a model reads. */
const harmlessName = /_(ARN|NAME|ID|FILE|PATH)$|TOKENS|TOKENIZER/i;

/** SageMaker shows the environment to all who may describe the model or job. */
function lintEnvironments({ models: { baseline, candidate } }: Spec): string[] {
  const names = [baseline, candidate].flatMap((model) => [
    ...('settings' in model && model.settings ? environmentNames(model.settings) : []),
    ...(model.kind === 'train' && model.train.settings ? environmentNames(model.train.settings) : []),
  ]);
  return [...new Set(names)]
    .filter((name) => secretName.test(name) && !harmlessName.test(name))
    .map(
      (name) =>
        `The environment variable ${name} may be a secret: SageMaker and the history of the rollout show its value. Let the container read it from AWS Secrets Manager.`,
    );
}
