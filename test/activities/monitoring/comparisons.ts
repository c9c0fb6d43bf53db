/** Guardrails and goals that compare, for tests. */
import type { Goal } from '../../../src/plan/compiled/goal.js';
import type { ComparisonGuardrail, MetricSeries } from '../../../src/plan/compiled/guardrail.js';

function seriesOf(namespace: string, name: string): MetricSeries {
  const dimensions = { EndpointName: '{endpoint}', VariantName: '{variant}' };
  return { namespace, name, stat: 'Sum', dimensions };
}

/** At most 50 % more errors than the baseline, over one-minute windows. */
export function notWorseGuardrail(changes: Partial<ComparisonGuardrail> = {}): ComparisonGuardrail {
  return {
    kind: 'comparison',
    id: 'errorRate-comparison',
    label: 'error rate',
    events: seriesOf('AWS/SageMaker', 'Invocation5XXErrors'),
    trials: seriesOf('AWS/SageMaker', 'Invocations'),
    marginPercent: 50,
    dispersion: 1,
    windowSeconds: 60,
    dataDelaySeconds: 120,
    ...changes,
  };
}

/** Uses the conversion metrics that the emulator publishes by default. */
export function conversionGoal(changes: Partial<Goal> = {}): Goal {
  return {
    id: 'goal:conversion',
    label: 'conversion',
    kind: 'proportion',
    higherIsBetter: true,
    total: seriesOf('Shop', 'Conversions'),
    squares: null,
    trials: seriesOf('Shop', 'Visitors'),
    windowSeconds: 60,
    dataDelaySeconds: 120,
    ...changes,
  };
}
