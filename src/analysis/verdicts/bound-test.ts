/** A bound on a rate that fails when the evidence of all windows shows that the rate is out of it. */
import type { BoundGuardrail, BoundRule } from '../../plan/compiled/guardrail.js';
import type { JudgingPlan } from '../../plan/compiled/goal.js';
import {
  addRateWindow,
  emptyRateTest,
  isPossibleRate,
  logRateEvidence,
  type RateCounts,
  type RateTest,
} from '../statistics/rate-test.js';
import { describeBoundComparison, describeWindowSpan, isWithin } from './bound-text.js';
import { formatEvidence } from './formatted-numbers.js';
import type { BoundFinding, BoundJudgement, BoundMemory, BoundTest } from './bound-judgement.js';

export function boundTestOf(
  { windowSeconds }: Pick<BoundGuardrail, 'windowSeconds'>,
  { falseAlarmPercent, testedGuardrails, watchedSeconds }: JudgingPlan,
): BoundTest {
  return {
    alpha: falseAlarmPercent / 100 / testedGuardrails,
    plannedWindows: Math.max(1, Math.ceil(watchedSeconds / windowSeconds)),
  };
}

/**
 * With evidence of this, the windows of a breach that has begun are `plannedWindows` times as likely as with a rate at the
 * bound. That is no proof, because it can have begun in any window, and no reason to send more users either.
 */
const suspiciousLogEvidence = 0;

/**
 * Null: the counts are not those of a rate. A pass needs a rate of the stage within the bound, and no suspicion of a
 * breach that has begun since.
 */
export function testRate(
  judgement: BoundJudgement,
  { dispersion }: BoundRule & { kind: 'rate' },
  { counts, before }: { counts: Omit<RateCounts, 'fromMs'> | undefined; before: BoundMemory | null },
): BoundFinding | null {
  const { guardrail, span } = judgement;
  const { alpha, plannedWindows } = judgement.test;
  const window = counts && tested(guardrail, counts);
  if (!window || !isPossibleRate(window)) return null;
  const fraction = guardrail.bound / guardrail.metric.scale;
  const bound = guardrail.direction === 'below' ? fraction : 1 - fraction;
  const earlier = before?.kind === 'rate' ? before.test : emptyRateTest;
  const test = addRateWindow(earlier, { bound, dispersion }, { ...window, fromMs: span.fromMs });
  const logE = logRateEvidence(test, plannedWindows);
  const isProven = logE >= -Math.log(alpha);
  const isSuspicious = logE >= suspiciousLogEvidence && test.recent !== null;
  const shown = (isProven || isSuspicious) && test.recent ? test.recent : test.all;
  const value = rateOf(guardrail, shown);
  const holds = !isProven && !isSuspicious && isWithin(guardrail, value);
  const text = `${describeBoundComparison(guardrail, value, holds)}, ${windowsSince(shown, judgement)}`;
  const evidence = formatEvidence(logE, 1 / alpha);
  const found = {
    value,
    memory: { kind: 'rate' as const, test },
    fromMs: shown.fromMs,
    requests: shown.requests,
    test: { evidence: Math.min(Math.exp(logE), Number.MAX_VALUE), needed: 1 / alpha },
  };
  if (isProven) return { ...found, result: 'fail', reason: 'outOfBound', message: `${text}, ${evidence}` };
  if (holds) return { ...found, result: 'pass', reason: 'withinBound', message: text };
  const message = `${text}, which can be chance: ${evidence}`;
  return { ...found, result: 'inconclusive', reason: 'notConfirmed', message };
}

/**
 * Counts of what is bad. Requests and errors can be counted in different periods, so a count above that of the requests is
 * taken for all of them.
 */
function tested(
  { direction }: BoundGuardrail,
  { events, requests }: Omit<RateCounts, 'fromMs'>,
): Omit<RateCounts, 'fromMs'> {
  const counted = Math.min(events, requests);
  return { requests, events: direction === 'below' ? counted : requests - counted };
}

/** In the metric's unit. */
function rateOf({ direction, metric }: BoundGuardrail, { events, requests }: RateTest['all']): number {
  return ((direction === 'below' ? events : requests - events) / requests) * metric.scale;
}

/** The span can be less than a whole window. */
function windowsSince(
  { fromMs }: RateCounts,
  { guardrail, span, windowsPlanned }: Pick<BoundJudgement, 'guardrail' | 'span' | 'windowsPlanned'>,
): string {
  const before = Math.round((span.fromMs - fromMs) / (guardrail.windowSeconds * 1000));
  const firstWindow = Math.max(1, span.firstWindow - before);
  return describeWindowSpan({ ...span, firstWindow }, windowsPlanned);
}
