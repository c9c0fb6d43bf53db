/** Simulates the count test. The evidence uses the expected shares, so it needs no likelihood curve. */
import type { NotWorseRule } from '../verdicts/judge-not-worse.js';
import { alternativesOf } from '../statistics/count-test.js';
import { startWeight, weightAfter } from '../statistics/harm-detector.js';
import { logOneSidedEvidence } from '../statistics/sample-ratio.js';
import { drawEvents, type DecisionSimulation } from './draws.js';
import type { SimulatedPoll } from './polls.js';

export type CountRule = Pick<
  NotWorseRule,
  'marginPercent' | 'dispersion' | 'alpha' | 'minimumRequests' | 'negligiblePercent' | 'watchedSeconds'
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
  const { minimumRequests } = rule;
  const dispersion = rule.dispersion ?? 1;
  const edge = Math.log1p(rule.marginPercent / 100);
  const { logRatios } = alternativesOf(edge, side === 'worse' ? 'above' : 'below');
  const costs = polls.map(costsOf(edge, logRatios));
  const enough = 1 / rule.alpha;
  return () => {
    const evidence = side === 'worse' ? harmSince(rule, polls) : proof();
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
      const found = evidence(index, (j) =>
        Math.exp(
          (candidateDrawn * (logRatios[j]! - edge) - (candidateDrawn + baselineDrawn) * cost[j]!) /
            dispersion,
        ),
      );
      if (side === 'worse') return found >= enough;
      if (Math.min(requests.baseline, requests.candidate) < minimumRequests) return false;
      if (rule.negligiblePercent === null) return found >= enough;
      const negligible = logNegligible(rule, rule.negligiblePercent, candidateEvents, requests.candidate);
      return (found + Math.exp(negligible)) / 2 >= enough;
    };
  };
}

/** The E-value after a poll. `ratioOf`: likelihood ratio of the poll's windows, by alternative. */
type EvidenceValue = (poll: number, ratioOf: (alternative: number) => number) => number;

const weights = alternativesOf(0, 'above').logWeights.map(Math.exp);

/** As in harm-detector.ts. */
function harmSince({ watchedSeconds }: CountRule, polls: readonly SimulatedPoll[]): EvidenceValue {
  const sums = weights.map((weight) => startWeight * weight);
  let seconds = 0;
  return (index, ratioOf) => {
    const before = weightAfter(seconds, watchedSeconds);
    seconds += polls[index]!.seconds;
    const after = weightAfter(seconds, watchedSeconds);
    let total = after;
    for (let j = 0; j < sums.length; j += 1)
      total += sums[j] = (sums[j]! + weights[j]! * (before - after)) * ratioOf(j);
    return total;
  };
}

/** As in count-test.ts. */
function proof(): EvidenceValue {
  const terms = [...weights];
  return (_, ratioOf) => {
    let total = 0;
    for (let j = 0; j < terms.length; j += 1) total += terms[j]! *= ratioOf(j);
    return total;
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

function logNegligible(rule: CountRule, percent: number, events: number, requests: number): number {
  const dispersion = rule.dispersion ?? 1;
  const counted = { x: Math.min(events, requests) / dispersion, n: requests / dispersion };
  return logOneSidedEvidence(counted, percent / 100, 100 / percent, 'below');
}
