/** How often a bound on a rate would roll back a candidate with a given rate, by simulated rollouts with fixed seeds. */
import type { BoundGuardrail, BoundRule } from '../../plan/compiled/guardrail.js';
import { addRateWindow, emptyRateTest, logRateEvidence } from '../statistics/rate-test.js';
import type { BoundTest } from '../verdicts/bound-judgement.js';
import { isWithin } from '../verdicts/bound-text.js';
import { drawEvents, uniformsFrom } from './draws.js';

/** A time with one share. */
export interface ServedPeriod {
  seconds: number;
  /** Requests of the candidate. */
  requestsPerSecond: number;
}

export interface RollbackChance {
  rollouts: number;
  rolledBack: number;
}

const maxRollouts = 400;
const minRollouts = 100;
/** Bounds the time of a simulation to a few seconds, also for weeks of windows of a minute. */
const maxWindows = 4_000_000;

/** `rate`: 0 to 1. */
export function simulateRollbacks(
  guardrail: BoundGuardrail,
  test: BoundTest,
  { rate, periods }: { rate: number; periods: readonly ServedPeriod[] },
): RollbackChance {
  const stages = periods.map((period) => spansOf(guardrail, period));
  const spans = stages.reduce((sum, { count }) => sum + count, 0);
  const rollouts = Math.max(minRollouts, Math.min(maxRollouts, Math.floor(maxWindows / Math.max(1, spans))));
  let rolledBack = 0;
  for (let seed = 1; seed <= rollouts; seed += 1) {
    const uniform = uniformsFrom(seed);
    const { rule } = guardrail;
    const dispersion = rule.kind === 'rate' ? rule.dispersion : 1;
    const fails = stages.some(({ count, requests }) => {
      const judge = rule.kind === 'rate' ? rateJudge(guardrail, rule, test) : windowsJudge(guardrail, rule);
      for (let span = 0; span < count; span += 1)
        if (judge(drawEvents(uniform(), requests, rate, dispersion), requests)) return true;
      return false;
    });
    if (fails) rolledBack += 1;
  }
  return { rollouts, rolledBack };
}

/** Windows with too few requests are joined. `requests`: of each span. */
function spansOf(
  { windowSeconds, minimumRequests }: BoundGuardrail,
  { seconds, requestsPerSecond }: ServedPeriod,
): { count: number; requests: number } {
  const perWindow = requestsPerSecond * windowSeconds;
  const joined = Math.max(1, Math.ceil(minimumRequests / perWindow));
  return { count: Math.floor(seconds / windowSeconds / joined), requests: Math.round(perWindow * joined) };
}

/** Adds a span. True: the rule fails. */
type Judge = (events: number, requests: number) => boolean;

function rateJudge(
  { bound, direction, metric }: BoundGuardrail,
  { dispersion }: BoundRule & { kind: 'rate' },
  { alpha, plannedWindows }: BoundTest,
): Judge {
  const fraction = bound / metric.scale;
  const settings = { bound: direction === 'below' ? fraction : 1 - fraction, dispersion };
  let test = emptyRateTest;
  return (events, requests) => {
    const bad = direction === 'below' ? events : requests - events;
    test = addRateWindow(test, settings, { requests, events: bad, fromMs: 0 });
    return logRateEvidence(test, plannedWindows) >= -Math.log(alpha);
  };
}

function windowsJudge(guardrail: BoundGuardrail, rule: BoundRule & { kind: 'windows' }): Judge {
  let outOfBound: boolean[] = [];
  return (events, requests) => {
    const isOut = !isWithin(guardrail, (events / requests) * guardrail.metric.scale);
    outOfBound = [...outOfBound, isOut].slice(-rule.of);
    return outOfBound.filter(Boolean).length >= rule.failures;
  };
}
