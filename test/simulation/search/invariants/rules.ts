/** Rules of a spec, read with its own schema. */
import {
  addRateWindow,
  emptyRateTest,
  logRateEvidence,
} from '../../../../src/analysis/statistics/rate-test.js';
import { boundTestOf } from '../../../../src/analysis/verdicts/bound-test.js';
import { compilePlan } from '../../../../src/plan/compile/compile-plan.js';
import {
  minimumRequestsOf,
  windowSecondsOf,
  type Cadence,
} from '../../../../src/plan/compile/window-defaults.js';
import { defaultJudging, type JudgingPlan } from '../../../../src/plan/compiled/goal.js';
import type { BoundGuardrail } from '../../../../src/plan/compiled/guardrail.js';
import { minBakeSecondsOf } from '../../../../src/plan/compile/strategies/strategies.js';
import { specStepsOf } from '../../../../src/plan/spec/cross-field-rules.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import type { SpecJson } from '../../../../src/client/start-options.js';

export interface ErrorRateRule {
  belowPercent: number;
  windowMs: number;
  dataDelayMs: number;
  /** Whether a window with about so many requests, of which so many percent fail, certainly ends the rollout alone. */
  isGross: (errorPercent: number, requests: number) => boolean;
}

/** Those that roll back. */
export function errorRateRulesOf(json: SpecJson): ErrorRateRule[] {
  const { guardrails, judging = defaultJudging } = compilePlan(validateSpec(json), exampleRun);
  return guardrails.flatMap((rule) =>
    rule.kind === 'bound' && rule.label === 'error rate' && rule.onFail !== 'report'
      ? [
          {
            belowPercent: rule.bound,
            windowMs: rule.windowSeconds * 1000,
            dataDelayMs: rule.dataDelaySeconds * 1000,
            isGross: (errorPercent, requests) =>
              requests > 1.5 * rule.minimumRequests && isGross(rule, judging, { errorPercent, requests }),
          },
        ]
      : [],
  );
}

const exampleRun = { workflowId: 'rollout:example', runId: 'example' };

/** A test needs the evidence in one window, even if its count of errors is low by three standard deviations. */
function isGross(
  guardrail: BoundGuardrail,
  judging: JudgingPlan,
  { errorPercent, requests }: { errorPercent: number; requests: number },
): boolean {
  const { rule } = guardrail;
  if (rule.kind === 'windows') return errorPercent > 3 * guardrail.bound;
  const expected = (requests * errorPercent) / 100;
  const events = Math.max(0, expected - 3 * Math.sqrt(expected * (1 - errorPercent / 100)));
  const settings = { bound: guardrail.bound / 100, dispersion: rule.dispersion };
  const { alpha, plannedWindows } = boundTestOf(guardrail, judging);
  const test = addRateWindow(emptyRateTest, settings, { requests, events, fromMs: 0 });
  return logRateEvidence(test, plannedWindows) >= -Math.log(alpha);
}

/** Requests that a window of each bound needs. Alarms and comparisons have no such number. */
export function neededRequestsOf(json: SpecJson): { windowMs: number; minimumRequests: number }[] {
  const { cadence } = cadenceOf(json);
  return validateSpec(json).guardrails.flatMap((rule) =>
    rule.kind === 'alarm' || rule.kind === 'comparison'
      ? []
      : [{ windowMs: windowSecondsOf(rule, cadence) * 1000, minimumRequests: minimumRequestsOf(rule) }],
  );
}

export function cadenceOf(json: SpecJson): { cadence: Cadence; periodMs: number } {
  const spec = validateSpec(json);
  const metricPeriodSeconds = spec.serve.metricsEvery;
  return {
    cadence: { metricPeriodSeconds, minBakeSeconds: minBakeSecondsOf(specStepsOf(spec)) },
    periodMs: metricPeriodSeconds * 1000,
  };
}

/** Alarms whose state the events of a scenario set. */
export function guardedAlarmsOf(json: SpecJson): string[] {
  return validateSpec(json).guardrails.flatMap((rule) =>
    rule.kind === 'alarm' && rule.subject === null ? [rule.alarmName] : [],
  );
}
