/** `guardrails`: rules that can each end the rollout. */
import { z } from 'zod';
import {
  guardrailFields,
  rateMetrics,
  type AlarmSubject,
  type Bound,
  type Counter,
  type Failures,
  type GuardrailFields,
  type RateMetric,
} from './guardrail-fields.js';
import { checkGuardrail } from './guardrail-rules.js';
import { countsRequests, type MetricSource } from './metric-source.js';
import type { BoundRule, OnFail } from '../../compiled/guardrail.js';
import { exactlyOneOf, oneRequiredOf, addIssue, ifValid } from '../fields/scalars.js';

/** Window settings of a metric. Null: the default, which depends on the metric and on the plan. Seconds. */
export interface Judging {
  minimumRequests: number | null;
  windowSeconds: number | null;
  dataDelaySeconds: number | null;
}
/** The count that is compared with the baseline: a kind of error, or slow requests. */
export type Compared = RateMetric | { slowerThanMs: number };
export type GuardrailSpec = AnyGuardrailSpec & OnFail;
type AnyGuardrailSpec =
  | { kind: 'alarm'; alarmName: string; subject: AlarmSubject | null }
  | ({
      kind: 'comparison';
      compared: Compared;
      marginPercent: number;
      /** Null: measured by user if the switch counts, else 1. */
      dispersion: number | null;
      countedBy: Counter;
      mustBeProven: boolean;
      negligiblePercent: number | null;
    } & Judging)
  | ({ kind: 'rate'; metric: RateMetric; belowPercent: number; rule: BoundRule } & Judging)
  | ({ kind: 'latency'; stat: string; belowMs: number; rule: BoundRule } & Judging)
  | ({
      kind: 'source';
      label: string;
      source: MetricSource;
      direction: 'below' | 'above';
      bound: Bound;
      rule: BoundRule;
    } & Judging);
export type MetricGuardrailSpec = Exclude<GuardrailSpec, { kind: 'alarm' }>;

const subjects = ['alarm', 'metric'];

const guardrail = guardrailFields
  .superRefine(...exactlyOneOf(subjects))
  .superRefine(checkGuardrail, ifValid)
  .meta(oneRequiredOf(subjects))
  .transform((given): GuardrailSpec => ({
    ...resolveGuardrail(given),
    ...(given.onFail === 'report' && { onFail: 'report' }),
  }));

/** `given`: fields that `checkGuardrail` accepted. */
function resolveGuardrail(given: GuardrailFields): AnyGuardrailSpec {
  const { alarm, metric = '', stat = '', source, above } = given;
  if (alarm !== undefined) return { kind: 'alarm', alarmName: alarm, subject: given.for ?? null };
  const judging: Judging = {
    minimumRequests: given.minimumRequests ?? null,
    windowSeconds: given.window ?? null,
    dataDelaySeconds: given.dataDelay ?? null,
  };
  const direction = above === undefined ? 'below' : 'above';
  const bound = given[direction] ?? { unit: 'none', value: 0 };
  if (source) {
    const isRate = bound.unit === 'percent' && countsRequests(source);
    const rule = ruleOf(given, isRate);
    return { kind: 'source', label: metric, source, direction, bound, rule, ...judging };
  }
  const rateMetric = rateMetrics.find((name) => name === metric);
  const { slowerThan, notWorseThanBaselineBy: marginPercent } = given;
  const compared = slowerThan === undefined ? rateMetric : { slowerThanMs: slowerThan };
  if (compared && marginPercent !== undefined) {
    return {
      kind: 'comparison',
      compared,
      marginPercent,
      dispersion: given.dispersion ?? null,
      countedBy: given.countedBy ?? 'sagemaker',
      mustBeProven: given.requireProof ?? false,
      negligiblePercent: given.negligibleRate ?? null,
      ...judging,
    };
  }
  return rateMetric
    ? { kind: 'rate', metric: rateMetric, belowPercent: bound.value, rule: ruleOf(given, true), ...judging }
    : { kind: 'latency', stat, belowMs: bound.value, rule: ruleOf(given, false), ...judging };
}

/** One window of three can be out of a bound by chance. */
const defaultFailures: Failures = { failures: 2, of: 3 };

/** `isRate`: CloudWatch has the counts that a test needs. */
function ruleOf({ strict, failures, dispersion }: GuardrailFields, isRate: boolean): BoundRule {
  if (strict === true) return { kind: 'windows', failures: 1, of: 1 };
  if (isRate && failures === undefined) return { kind: 'rate', dispersion: dispersion ?? 1 };
  return { kind: 'windows', ...(failures ?? defaultFailures) };
}

export const guardrails = z
  .array(guardrail)
  .max(20)
  .superRefine((rules, ctx) => {
    rules.forEach((rule, i) => {
      if (rule.kind === 'alarm' && rules.slice(0, i).some((before) => isSameAlarm(rule, before)))
        addIssue(
          ctx,
          [i, 'alarm'],
          `the alarm ${rule.alarmName} is already a guardrail`,
          'each alarm once, and once for the candidate',
        );
    });
  }, ifValid);

/** An alarm can be a guardrail twice: as it is, and for the candidate. */
function isSameAlarm(rule: GuardrailSpec & { kind: 'alarm' }, before: GuardrailSpec): boolean {
  return (
    before.kind === 'alarm' &&
    before.alarmName === rule.alarmName &&
    (before.subject === 'candidate') === (rule.subject === 'candidate')
  );
}
