/** `source`: a metric in CloudWatch, alone or divided by another. */
import { z } from 'zod';
import { percentilePattern } from '../percentiles.js';
import { text } from './scalars.js';

/** Stand for an arm's endpoint, variant and role, and for the rollout's id. */
export const placeholders = ['{endpoint}', '{variant}', '{role}', '{rolloutId}'] as const;

export const metricName = text('the name of a CloudWatch metric', /^.{1,255}$/);

const stat = z.union(
  [
    z.enum(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']),
    text('a percentile such as p99', percentilePattern),
  ],
  'Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99',
);

export const namespace = text('a CloudWatch namespace such as AWS/SageMaker', /^[\w./#: -]{1,255}$/);

export const dimensions = z.record(
  text('a dimension name of 1 to 255 characters', /^.{1,255}$/),
  text(
    `text; of placeholders, ${placeholders.join(', ')}`,
    /^(?=.)(?:[^{}]|\{(?:endpoint|variant|role|rolloutId)\}){1,1024}$/,
  ),
);

export const variantDimensions = { EndpointName: placeholders[0], VariantName: placeholders[1] };

export const metricSource = z
  .strictObject({
    namespace: namespace.describe('CloudWatch namespace.'),
    name: metricName.describe('Metric name.'),
    stat: stat.default('Sum').describe('CloudWatch statistic over each window.'),
    dimensions: dimensions
      .default(variantDimensions)
      .describe('Dimension name to value; {endpoint}, {variant}, {role} and {rolloutId} are filled in.'),
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
