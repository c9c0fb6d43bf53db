/** `source`: a metric in CloudWatch, a quotient of two metrics, or an expression over several metrics. */
import { z } from 'zod';
import { percentilePattern } from '../../units/percentiles.js';
import type { MetricSeries } from '../../compiled/guardrail.js';
import { mathFunctions, operandIdPattern, operandsIn, problemsInExpression } from './expressions.js';
import { addIssue, text, ifValid } from '../fields/scalars.js';

/** Replaced by the arm's endpoint, variant and role, and by the rollout's id. */
export const placeholders = ['{endpoint}', '{variant}', '{role}', '{rolloutId}'] as const;

export const metricName = text('the name of a CloudWatch metric', /^.{1,255}$/);

const stat = z.union(
  [
    z.enum(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']),
    text('a percentile such as p99', percentilePattern),
  ],
  'Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99',
);

export const namespace = text(
  'a CloudWatch namespace such as AWS/SageMaker, which does not begin with a colon',
  /^(?!:)[\w./#: -]{1,255}$/,
);

const maxDimensions = 30;

/** CloudWatch's rule for dimensions: printable ASCII, not only blanks. */
export const dimensions = z
  .record(
    text(
      'a dimension name of 1 to 255 ASCII characters that does not begin with a colon',
      /^(?!:)(?=.*\S)[ -~]{1,255}$/,
    ),
    text(
      `ASCII text of at most 1,024 characters, with the placeholders ${placeholders.join(', ')}`,
      /^(?=.*\S)(?:[ -z|~]|\{(?:endpoint|variant|role|rolloutId)\}){1,1024}$/,
    ),
  )
  .refine((given) => Object.keys(given).length <= maxDimensions, `at most ${maxDimensions} dimensions`)
  .meta({ maxProperties: maxDimensions });

export const variantDimensions = { EndpointName: placeholders[0], VariantName: placeholders[1] };

const operand = z.strictObject({
  namespace: namespace.describe('CloudWatch namespace.'),
  name: metricName.describe('Metric name.'),
  stat: stat.default('Sum').describe('CloudWatch statistic over each window.'),
  dimensions: dimensions
    .default(variantDimensions)
    .describe('Dimension name to value. {endpoint}, {variant}, {role} and {rolloutId} are replaced.'),
});

const maxOperands = 10;

const fields = z.strictObject({
  namespace: namespace.optional().describe('CloudWatch namespace. Needed with name.'),
  name: metricName.optional().describe('Metric name.'),
  stat: stat.optional().describe('CloudWatch statistic over each window. Default: Sum.'),
  dimensions: dimensions
    .optional()
    .describe(
      "Dimension name to value. {endpoint}, {variant}, {role} and {rolloutId} are replaced. Default: the variant's dimensions.",
    ),
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
          namespace: namespace.optional().describe('Default: the same as for the numerator.'),
          stat: stat.optional().describe('Default: the same as for the numerator.'),
          dimensions: dimensions.optional().describe('Default: the same as for the numerator.'),
        }),
      ],
      'the name of a metric, or {name, namespace, stat, dimensions}',
    )
    .optional()
    .describe('Divide by this metric.'),
  expression: text('metric math such as m1 / (m1 + m2)', /^(?=.*\S).{1,1024}$/)
    .optional()
    .describe('Metric math that CloudWatch computes over each window. Instead of name.'),
  metrics: z
    .record(
      text('an id such as m1: a lowercase letter, then letters, digits and _', operandIdPattern),
      operand,
    )
    .optional()
    .describe('Metrics of the expression: id to {namespace, name, stat, dimensions}.'),
});
type SourceFields = z.output<typeof fields>;

function checkSource(given: SourceFields, ctx: z.RefinementCtx): void {
  if (given.expression !== undefined) return checkExpression(given.expression, given, ctx);
  const why = 'only an expression has metrics';
  if (given.metrics !== undefined) addIssue(ctx, ['metrics'], why, 'expression and metrics, or name');
  for (const field of ['namespace', 'name'] as const)
    if (given[field] === undefined)
      addIssue(ctx, [field], `a source needs ${field}`, 'namespace and name; or expression and metrics');
}

function checkExpression(expression: string, given: SourceFields, ctx: z.RefinementCtx): void {
  for (const field of ['namespace', 'name', 'stat', 'dimensions', 'per'] as const)
    if (given[field] !== undefined)
      addIssue(ctx, [field], `an expression has its own metrics: ${field} is not allowed here`, 'metrics');
  const ids = Object.keys(given.metrics ?? {});
  if (ids.length === 0 || ids.length > maxOperands)
    addIssue(ctx, ['metrics'], 'an expression needs metrics', `1 to ${maxOperands} metrics by their ids`);
  const allowed = `ids of its metrics, numbers, operators, brackets, ${mathFunctions.join(', ')}`;
  for (const problem of problemsInExpression(expression, ids))
    addIssue(ctx, ['expression'], problem, allowed);
  const named = operandsIn(expression);
  for (const id of ids.filter((one) => !named.includes(one)))
    addIssue(ctx, ['metrics', id], `the expression does not use ${id}`, 'metrics that the expression uses');
}

export const metricSource = fields
  .superRefine(checkSource, ifValid)
  .meta({ oneOf: [{ required: ['namespace', 'name'] }, { required: ['expression', 'metrics'] }] })
  .transform(resolveSource);

/** The fields are those that `checkSource` accepted. */
function resolveSource({ per, expression, metrics = {}, namespace = '', name = '', ...given }: SourceFields) {
  if (expression !== undefined) return { kind: 'expression' as const, expression, operands: metrics };
  const { stat = 'Sum', dimensions = variantDimensions } = given;
  const numerator: MetricSeries = { namespace, name, stat, dimensions };
  return {
    kind: 'statistic' as const,
    numerator,
    denominator: per && {
      name: per.name,
      namespace: per.namespace ?? namespace,
      stat: per.stat ?? stat,
      dimensions: per.dimensions ?? dimensions,
    },
  };
}

export type MetricSource = z.output<typeof metricSource>;

const countStats = ['Sum', 'SampleCount'];

/** Whether the metric is a quotient of two counts, such as failed requests per request. */
export function countsRequests(source: MetricSource): boolean {
  return (
    source.kind === 'statistic' &&
    source.denominator !== undefined &&
    [source.numerator, source.denominator].every(({ stat }) => countStats.includes(stat))
  );
}

/** All series that the source reads. */
export function seriesOfSource(source: MetricSource): MetricSeries[] {
  return source.kind === 'expression' ? Object.values(source.operands) : [source.numerator];
}
