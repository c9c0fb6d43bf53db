/**
 * Evidence that traffic does not arrive in the planned shares, and closed-form evidence about one constant share.
 * Lindon & Malek, arXiv 2011.03567; valid at every poll.
 */
import betainc from '@stdlib/math-base-special-betainc';
import gammaln from '@stdlib/math-base-special-gammaln';

/** Requests that arrived under one planned split. Plain JSON. */
export interface SplitCounts {
  /** Planned share, above 0 and below 1. */
  candidateShare: number;
  baseline: number;
  candidate: number;
}

export interface SampleRatioSettings {
  /** Concentration of the prior around the planned shares. */
  concentration: number;
  /** Variance of the counts divided by that of independent units. Above 1 if users send several requests each. */
  dispersion: number;
}

export const defaultConcentration = 1000;

/** Sorted by planned share, independent of the order of windows. */
export function addSplitCounts(splits: readonly SplitCounts[], more: SplitCounts): SplitCounts[] {
  const isSame = (split: SplitCounts) => split.candidateShare === more.candidateShare;
  const before = splits.find(isSame) ?? { baseline: 0, candidate: 0 };
  const sum: SplitCounts = {
    candidateShare: more.candidateShare,
    baseline: before.baseline + more.baseline,
    candidate: before.candidate + more.candidate,
  };
  return [...splits.filter((split) => !isSame(split)), sum].sort(
    (a, b) => a.candidateShare - b.candidateShare,
  );
}

/** ln E against the planned shares. The logs of different splits add up. The limit for a mismatch is ln(1/alpha). */
export function sampleRatioEvidence(splits: readonly SplitCounts[], settings: SampleRatioSettings): number {
  const { concentration, dispersion } = settings;
  return splits
    .map(({ baseline, candidate, candidateShare }) =>
      logBayesFactor(
        [baseline / dispersion, candidate / dispersion],
        [1 - candidateShare, candidateShare],
        concentration,
      ),
    )
    .reduce((sum, log) => sum + log, 0);
}

/** ln of the likelihood ratio of the Dirichlet mixture to the planned `shares`, which sum to 1 and are above 0. */
export function logBayesFactor(counts: number[], shares: number[], concentration: number): number {
  const prior = shares.map((share) => concentration * share);
  const posterior = prior.map((parameter, i) => parameter + counts[i]!);
  const logLikelihood = counts.reduce((sum, count, i) => sum + count * Math.log(shares[i]!), 0);
  return logBeta(posterior) - logBeta(prior) - logLikelihood;
}

/** One-sided version for one proportion, `x` of `n`: evidence that the proportion is on `side` of `share`. */
export function logOneSidedEvidence(
  counted: { x: number; n: number },
  share: number,
  concentration: number,
  side: 'above' | 'below',
): number {
  const { x, n } = counted;
  const [a, b] = [concentration * share, concentration * (1 - share)];
  const isAbove = side === 'above';
  const posterior = betainc(share, a + x, b + n - x, true, isAbove);
  const prior = betainc(share, a, b, true, isAbove);
  return logBayesFactor([x, n - x], [share, 1 - share], concentration) + Math.log(posterior / prior);
}

function logBeta(parameters: number[]): number {
  const total = parameters.reduce((sum, parameter) => sum + parameter, 0);
  return parameters.reduce((sum, parameter) => sum + gammaln(parameter), 0) - gammaln(total);
}
