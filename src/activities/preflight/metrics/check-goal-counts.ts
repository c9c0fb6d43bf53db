import type { Goal } from '../../../plan/compiled/goal.js';
import type { MetricSeries } from '../../../plan/compiled/guardrail.js';
import type { Plan } from '../../../plan/compiled/plan.js';
import type { InitialEndpoint } from '../../interface/endpoint.js';
import type { SeriesReader } from '../../metrics/metric-reader.js';
import { asBaseline } from './as-baseline.js';
import { describeSeries } from '../describe-series.js';

const hourMs = 3_600_000;
const hoursRead = 24;

/**
 * A goal without `squares` compares how often something happens. Checks that the baseline's data of the last day is such a
 * count: whole numbers, at most one for each trial. The test of a proportion would be wrong for the sum of a value. Data
 * that cannot be read is no finding.
 */
export async function checkGoalCounts(
  metrics: SeriesReader,
  plan: Pick<Plan, 'rolloutId' | 'endpoint' | 'goals'>,
  starting: InitialEndpoint,
  nowMs: number,
): Promise<string[]> {
  const toMs = Math.floor(nowMs / hourMs) * hourMs;
  const span = { fromMs: toMs - hoursRead * hourMs, toMs, periodSeconds: 3_600 };
  const read = async (series: MetricSeries): Promise<number[]> => {
    const reading = await metrics.readSeries({ series: asBaseline(series, plan, starting), ...span });
    return reading.kind === 'complete' ? reading.points.map(({ value }) => value) : [];
  };
  const check = async ({ label, total, trials }: Goal): Promise<string[]> => {
    const [values, counts] = await Promise.all([read(total), read(trials)]);
    const [sum, requests] = [values, counts].map((all) => all.reduce((before, value) => before + value, 0));
    const isCount = values.every(Number.isInteger) && (counts.length === 0 || sum! <= requests!);
    if (isCount) return [];
    const [what, per] = [total, trials].map((series) => describeSeries(asBaseline(series, plan, starting)));
    return [
      `the goal ${label} has no source.squares, so it counts trials, but ${what} was ${sum} in ${requests} of ${per} in the last 24 hours: it is the sum of a value; publish the sum of its squares and set source.squares`,
    ];
  };
  const findings = await Promise.all(plan.goals.filter(({ kind }) => kind === 'proportion').map(check));
  return findings.flat();
}
