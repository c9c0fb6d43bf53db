/** The fields of a guardrail, each by itself. */
import { z } from 'zod';
import { percentilePattern } from '../../units/percentiles.js';
import { metricSource } from './metric-source.js';
import { countSchema, dispersion, duration, latency, rate, text } from '../fields/scalars.js';

/** Metrics of the candidate that need no source. */
export const rateMetrics = ['errorRate', 'clientErrorRate', 'modelErrorRate'] as const;
export type RateMetric = (typeof rateMetrics)[number];
export const builtInMetrics = [...rateMetrics, 'latency'] as const;

/** `value` in `unit`. */
export type Bound = { unit: 'percent' | 'ms' | 'none'; value: number };

const boundInUnit = z.union(
  [
    rate.transform((value): Bound => ({ unit: 'percent', value })),
    latency.transform((value): Bound => ({ unit: 'ms', value })),
    z.number().transform((value): Bound => ({ unit: 'none', value })),
  ],
  'a rate such as 1%, a latency such as 250ms, or a number',
);

const shape = {
  alarm: text('the name of a CloudWatch alarm', /^.{1,255}$/)
    .optional()
    .describe('An alarm, metric or composite, by name. Firing, it rolls back at once; stands alone.'),
  metric: z
    .union(
      [z.enum(builtInMetrics), text('a label', /^[a-zA-Z][\w .-]{0,62}$/)],
      `${builtInMetrics.join(', ')}, or a label of your own with a source`,
    )
    .optional()
    .describe("A number of the candidate's, judged window by window."),
  stat: text('a percentile such as p99', percentilePattern)
    .optional()
    .describe('Percentile of the latency. Needed with latency only, unless slower requests are counted.'),
  slowerThan: latency
    .optional()
    .describe(
      'Requests that take the model longer than this are counted and compared with the baseline. With latency and notWorseThanBaselineBy only.',
    ),
  below: boundInUnit.optional().describe('The metric must be below this.'),
  above: boundInUnit.optional().describe('The metric must be above this; for metrics with a source only.'),
  source: metricSource
    .optional()
    .describe('Where CloudWatch has the metric. Needed for a label of your own.'),
  minimumRequests: countSchema(1_000_000_000)
    .optional()
    .describe('Fewer requests than this in a window, and it is judged together with the next.'),
  window: duration
    .optional()
    .describe('Span of data judged at a time; a whole multiple of serve.metricsEvery.'),
  dataDelay: duration
    .optional()
    .describe(
      "How long after a window's end its data counts as complete. Default: twice serve.metricsEvery.",
    ),
  notWorseThanBaselineBy: rate
    .optional()
    .describe(
      "How much higher than the baseline's the rate may be, relative to it; judged by evidence that stays valid however often it is looked at.",
    ),
  requireProof: z
    .boolean('true or false')
    .optional()
    .describe(
      'Whether a bake ends only with proof that the rate is within the margin; else it ends without evidence of harm. With notWorseThanBaselineBy only. Default: false.',
    ),
  negligibleRate: rate
    .optional()
    .describe(
      "A candidate's rate that is surely under this is proof enough, whatever the ratio. With requireProof only.",
    ),
  dispersion: dispersion
    .optional()
    .describe(
      'Variance over mean of the errors in history, where they come in clusters. With notWorseThanBaselineBy only.',
    ),
};

export const guardrailFields = z.strictObject(shape);
export type GuardrailFields = z.output<typeof guardrailFields>;
