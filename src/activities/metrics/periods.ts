/** Divides spans into periods that CloudWatch accepts. Periods in seconds. */

/** Periods below a minute, for high-resolution metrics. */
const shortPeriods = [30, 20, 10, 5, 1];
const maxPeriodSeconds = 86_400;

/**
 * The longest period that divides the span, so that no data before or after it counts: one period if CloudWatch
 * supports that length. CloudWatch rounds a start down to the minute, or to a shorter period, so the start must
 * be on that grid. Throws RangeError if no period fits, which happens only for a span that is not in whole
 * seconds.
 */
export function metricPeriodOf(fromMs: number, toMs: number): number {
  const seconds = (toMs - fromMs) / 1000;
  if (fromMs % 60_000 === 0 && seconds % 60 === 0) return maxPeriodMinutes(seconds / 60) * 60;
  const period = shortPeriods.find((p) => seconds % p === 0 && fromMs % (p * 1000) === 0);
  if (period === undefined || seconds <= 0) throw new RangeError(`no CloudWatch period fits ${seconds} s`);
  return period;
}

function maxPeriodMinutes(minutes: number): number {
  for (let parts = 1; parts < minutes; parts += 1) {
    if (minutes % parts === 0 && (minutes / parts) * 60 <= maxPeriodSeconds) return minutes / parts;
  }
  return 1;
}
