/** Rules of a spec, read with its own schema. */
import {
  dataDelaySecondsOf,
  minimumRequestsOf,
  windowSecondsOf,
  type Cadence,
} from '../../../../src/plan/compile/window-defaults.js';
import { minBakeSecondsOf } from '../../../../src/plan/compile/strategies/strategies.js';
import { specStepsOf } from '../../../../src/plan/spec/cross-field-rules.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import type { SpecJson } from '../../../../src/client/start-options.js';

export interface ErrorRateRule {
  belowPercent: number;
  windowMs: number;
  dataDelayMs: number;
  minimumRequests: number;
}

/** Those that roll back. */
export function errorRateRulesOf(json: SpecJson): ErrorRateRule[] {
  const { cadence } = cadenceOf(json);
  return validateSpec(json).guardrails.flatMap((rule) =>
    rule.kind === 'rate' && rule.metric === 'errorRate' && rule.onFail !== 'report'
      ? [
          {
            belowPercent: rule.belowPercent,
            windowMs: windowSecondsOf(rule, cadence) * 1000,
            dataDelayMs: dataDelaySecondsOf(rule, cadence) * 1000,
            minimumRequests: minimumRequestsOf(rule),
          },
        ]
      : [],
  );
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
