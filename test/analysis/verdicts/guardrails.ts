import type { BoundGuardrail } from '../../../src/plan/compiled/guardrail.js';

/** The candidate's error rate in percent, below 1, over one-minute windows. */
export function errorRateGuardrail(changes: Partial<BoundGuardrail> = {}): BoundGuardrail {
  const series = (name: string) => ({
    namespace: 'AWS/SageMaker',
    name,
    stat: 'Sum',
    dimensions: { EndpointName: 'digits', VariantName: 'b-1a2b3c4d' },
  });
  return {
    kind: 'bound',
    id: 'error-rate',
    label: 'error rate',
    metric: {
      unit: 'percent',
      scale: 100,
      numerator: series('Invocation5XXErrors'),
      denominator: series('Invocations'),
    },
    direction: 'below',
    rule: { kind: 'rate', dispersion: 1 },
    bound: 1,
    minimumRequests: 100,
    windowSeconds: 60,
    dataDelaySeconds: 120,
    ...changes,
  };
}
