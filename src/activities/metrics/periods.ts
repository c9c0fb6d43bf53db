/** What CloudWatch accepts as a period, and how spans are cut into them. Seconds. */

/** Periods below a minute, for high-resolution metrics. */
const shortPeriods = [30, 20, 10, 5, 1];
const maxPeriodSeconds = 86_400;

/**
 * The longest period that divides the span, so that nothing before or after it is counted; one period where CloudWatch
 * can. It rounds a start down to the minute, or to the period where that is shorter: only a start on that grid will do.
 * Throws RangeError where no period fits, which takes a span of no whole seconds.
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
