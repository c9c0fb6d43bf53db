/** `source`: a metric in CloudWatch, alone or divided by another. */
import { z } from 'zod';
import { percentilePattern } from '../percentiles.js';
import { text } from './scalars.js';

/** Stand for the endpoint's name and for the name of the candidate's variant. */
export const placeholders = ['{endpoint}', '{variant}'] as const;

const metricName = text('the name of a CloudWatch metric', /^.{1,255}$/);

const stat = z.union(
  [
    z.enum(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']),
    text('a percentile such as p99', percentilePattern),
  ],
  'Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99',
);

const dimensions = z.record(
  text('a dimension name of 1 to 255 characters', /^.{1,255}$/),
  text(
    'text; of placeholders, {endpoint} and {variant}',
    /^(?=.)(?:[^{}]|\{endpoint\}|\{variant\}){1,1024}$/,
  ),
);

const candidateDimensions = { EndpointName: placeholders[0], VariantName: placeholders[1] };

export const metricSource = z
  .strictObject({
    namespace: text('a CloudWatch namespace such as AWS/SageMaker', /^[\w./#: -]{1,255}$/).describe(
      'CloudWatch namespace.',
    ),
    name: metricName.describe('Metric name.'),
    stat: stat.default('Sum').describe('CloudWatch statistic over each window.'),
    dimensions: dimensions
      .default(candidateDimensions)
      .describe('Dimension name to value; {endpoint} and {variant} (of the candidate) are filled in.'),
    per: z
      .union(
        [
          metricName.transform((name) => ({
            name,
            namespace: undefined,
            stat: undefined,
            dimensions: undefined,
          })),
          z.strictObject({
            name: metricName.describe('Metric name.'),
            namespace: metricName.optional().describe('Default: as for the metric that is divided.'),
            stat: stat.optional().describe('Default: as for the metric that is divided.'),
            dimensions: dimensions.optional().describe('Default: as for the metric that is divided.'),
          }),
        ],
        'the name of a metric, or {name, namespace, stat, dimensions}',
      )
      .optional()
      .describe('Divide by this metric.'),
  })
  .transform(({ per, ...numerator }) => ({
    numerator,
    denominator: per && {
      name: per.name,
      namespace: per.namespace ?? numerator.namespace,
      stat: per.stat ?? numerator.stat,
      dimensions: per.dimensions ?? numerator.dimensions,
    },
  }));

export type MetricSource = z.output<typeof metricSource>;
