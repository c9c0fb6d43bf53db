/** Simulates the count test. The evidence uses the expected shares, so it needs no likelihood curve. */
import type { NotWorseRule } from '../verdicts/judge-not-worse.js';
import { alternativesOf } from '../statistics/count-test.js';
import { logSumExp } from '../statistics/log-sum.js';
import { logOneSidedEvidence } from '../statistics/sample-ratio.js';
import { drawEvents, type DecisionSimulation } from './draws.js';
import type { SimulatedPoll } from './polls.js';

export type CountRule = Pick<
  NotWorseRule,
  'marginPercent' | 'dispersion' | 'alpha' | 'minimumRequests' | 'negligiblePercent'
>;

/** `worse`: the test finds harm. `notWorse`: the test proves the absence of harm. */
export type CountSide = 'worse' | 'notWorse';

/** Returns a function that starts one run. `rates`: event rates, 0 to 1. */
export function simulateCountTests(
  rule: CountRule,
  side: CountSide,
  rates: { baseline: number; candidate: number },
  polls: readonly SimulatedPoll[],
): () => DecisionSimulation {
  const { dispersion, minimumRequests } = rule;
  const edge = Math.log1p(rule.marginPercent / 100);
  const { logRatios, logWeights } = alternativesOf(edge, side === 'worse' ? 'above' : 'below');
  const costs = polls.map(costsOf(edge, logRatios));
  const enough = -Math.log(rule.alpha);
  return () => {
    const logs = [...logWeights];
    const requests = { baseline: 0, candidate: 0 };
    let candidateEvents = 0;
    return (index, uniform) => {
      const poll = polls[index]!;
      const baselineDrawn = drawEvents(uniform(), poll.baseline, rates.baseline, dispersion);
      const candidateDrawn = drawEvents(uniform(), poll.candidate, rates.candidate, dispersion);
      requests.baseline += poll.baseline;
      requests.candidate += poll.candidate;
      candidateEvents += candidateDrawn;
      const cost = costs[index]!;
      for (let j = 0; j < logs.length; j += 1)
        logs[j]! +=
          (candidateDrawn * (logRatios[j]! - edge) - (candidateDrawn + baselineDrawn) * cost[j]!) /
          dispersion;
      if (side === 'worse') return isReached(logs, enough);
      if (Math.min(requests.baseline, requests.candidate) < minimumRequests) return false;
      if (rule.negligiblePercent === null) return isReached(logs, enough);
      const negligible = logNegligible(rule, rule.negligiblePercent, candidateEvents, requests.candidate);
      return logSumExp([logSumExp(logs), negligible]) - Math.LN2 >= enough;
    };
  };
}

/** The amount that one event of either model subtracts from each alternative's log-likelihood. Cached by period. */
function costsOf(edge: number, logRatios: readonly number[]): (poll: SimulatedPoll) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  return ({ period, baseline, candidate }) => {
    const share = candidate / (baseline + candidate);
    const costs =
      known.get(period) ??
      logRatios.map((ratio) => Math.log1p(share * Math.expm1(ratio)) - Math.log1p(share * Math.expm1(edge)));
    known.set(period, costs);
    return costs;
  };
}

/** The sum of n terms is at most n times the largest. This bound is mostly enough to decide. */
function isReached(logs: readonly number[], enough: number): boolean {
  const largest = Math.max(...logs);
  if (largest >= enough) return true;
  return largest + Math.log(logs.length) >= enough && logSumExp(logs) >= enough;
}

function logNegligible({ dispersion }: CountRule, percent: number, events: number, requests: number): number {
  const counted = { x: Math.min(events, requests) / dispersion, n: requests / dispersion };
  return logOneSidedEvidence(counted, percent / 100, 100 / percent, 'below');
}
