import type { Guardrail, MetricSeries } from '../../../plan/compiled/guardrail.js';
import type { Plan } from '../../../plan/compiled/plan.js';
import { unfilledIn } from '../../../plan/spec/guardrails/expressions.js';
import { formatDuration } from '../../../plan/units/durations.js';
import type { InitialEndpoint } from '../../interface/endpoint.js';
import type { SpacingReader } from '../../metrics/metric-spacing.js';
import { asBaseline } from './as-baseline.js';
import { describeSeries } from '../describe-series.js';

/** SageMaker and the switch publish these with every request, or at least once in a metric period. */
const publishedWithTraffic = ['AWS/SageMaker', '/aws/sagemaker/Endpoints', 'Penstock/Switch'];

/** A rule with a window, and the metrics that need data in it. */
interface WindowedRule {
  what: string;
  windowSeconds: number;
  series: MetricSeries[];
}

/**
 * Checks that each window of a custom metric is as long as the metric's points are apart. In a shorter window most
 * windows have no data, so the rollout would hold again and again. The candidate's metrics have no points yet, so the
 * baseline's are read.
 */
export async function checkMetricWindows(
  spacings: SpacingReader,
  plan: Pick<Plan, 'rolloutId' | 'endpoint' | 'guardrails' | 'goals' | 'serve'>,
  starting: InitialEndpoint,
  nowMs: number,
): Promise<string[]> {
  const period = plan.serve.metricPeriodSeconds;
  const rules = [...plan.guardrails.flatMap(windowOfGuardrail), ...plan.goals.map(windowOfGoal)];
  const findings = await Promise.all(
    rules.flatMap(({ what, windowSeconds, series }) =>
      series
        .filter(({ namespace }) => !publishedWithTraffic.includes(namespace))
        .map(async (each) => {
          const read = asBaseline(each, plan, starting);
          const spacing = await spacings.spacingOf(read, windowSeconds, nowMs);
          if (spacing === null || spacing.usual <= windowSeconds) return [];
          const [window, distance] = [windowSeconds, spacing.usual].map(formatDuration);
          const needed = formatDuration(Math.ceil(spacing.most / period) * period);
          const metric = describeSeries(read);
          return [
            `the window ${window} of ${what} is too short: the points of ${metric} are ${distance} apart; set window: ${needed}`,
          ];
        }),
    ),
  );
  return [...new Set(findings.flat())];
}

/** Comparisons read only SageMaker's metrics. */
function windowOfGuardrail(guardrail: Guardrail): WindowedRule[] {
  if (guardrail.kind !== 'bound') return [];
  const { label, metric, windowSeconds } = guardrail;
  const series =
    metric.expression === undefined
      ? [metric.numerator, ...(metric.denominator === null ? [] : [metric.denominator])]
      : unfilledIn(metric.expression, Object.keys(metric.operands)).map((id) => metric.operands[id]!);
  return [{ what: `guardrail ${label}`, windowSeconds, series }];
}

/** A window of a goal without conversions counts as none, but a window without trials does not count. */
function windowOfGoal({ label, windowSeconds, trials }: Plan['goals'][number]): WindowedRule {
  return { what: `goal ${label}`, windowSeconds, series: [trials] };
}
