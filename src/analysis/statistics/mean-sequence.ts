/**
 * Asymptotic confidence sequences: intervals around a difference that are valid over all polls. Waudby-Smith et al.,
 * arXiv 2103.06476 (their equation numbers). The estimates come from arm-difference.ts.
 */

/** An estimate with its standard error and its number of observations. */
export interface Estimate {
  estimate: number;
  standardError: number;
  /** Observations of both arms. */
  size: number;
}

export interface SequenceSettings {
  alpha: number;
  /** The size at which the interval is narrowest for its level. It is fixed before the first poll. */
  plannedSize: number;
}

export interface Interval {
  lower: number;
  upper: number;
}

/** The scale of the mixture (eq. 161). */
export function mixtureScale({ alpha, plannedSize }: SequenceSettings): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha} is not within 0 and 1`);
  if (!(plannedSize > 0)) throw new RangeError(`planned size ${plannedSize} is not above 0`);
  const log = -2 * Math.log(alpha);
  return Math.sqrt((log + Math.log1p(log)) / plannedSize);
}

/** Ratio of data to mixture: N rho^2 in the formulas. */
export function maturityOf({ size }: Pick<Estimate, 'size'>, settings: SequenceSettings): number {
  return size * mixtureScale(settings) ** 2;
}

/** Two-sided (eq. 9). */
export function twoSidedInterval(estimate: Estimate, settings: SequenceSettings): Interval {
  const time = maturityOf(estimate, settings);
  return around(estimate, time, Math.log(Math.sqrt(time + 1) / settings.alpha));
}

/** Each bound alone has level 1 - alpha (eq. 134). Use only one of the two. */
export function oneSidedBounds(estimate: Estimate, settings: SequenceSettings): Interval {
  const { alpha, plannedSize } = settings;
  const time = maturityOf(estimate, { alpha: 2 * alpha, plannedSize });
  return around(estimate, time, Math.log1p(Math.sqrt(time + 1) / (2 * alpha)));
}

/**
 * Two-sided evidence against `nullValue` (eq. 155). It reaches ln(1/alpha) when the interval excludes `nullValue`.
 */
export function sequenceEvidence(
  estimate: Estimate,
  settings: SequenceSettings,
  nullValue = 0,
): { logE: number; p: number } {
  const time = maturityOf(estimate, settings);
  const z = (estimate.estimate - nullValue) / estimate.standardError;
  const logE = (z * z * time) / (2 * (time + 1)) - Math.log1p(time) / 2;
  return { logE, p: Math.min(1, Math.exp(-logE)) };
}

function around({ estimate, standardError }: Estimate, time: number, log: number): Interval {
  const radius = standardError * Math.sqrt(((2 * (time + 1)) / time) * log);
  return { lower: estimate - radius, upper: estimate + radius };
}
