/** `goals`: the metrics that decide an experiment. */
import { z } from 'zod';
import { dimensions, metricName, namespace, variantDimensions } from './metric-source.js';
import { dispersion, duration, rate, addIssue, text, ifValid } from '../fields/scalars.js';

/** Metrics that the switch counts from the outcomes that it receives. */
export const switchMetrics = ['conversion', 'value', 'conversionsPerUser'] as const;
export type SwitchMetric = (typeof switchMetrics)[number];

/** 90% to 99.9999%, at most four decimals. */
const capPattern = /^9\d(\.\d{1,4})?%$/;

const source = z.strictObject({
  namespace: namespace.describe('CloudWatch namespace.'),
  name: metricName.describe('Conversions, or the sum of a value.'),
  per: metricName.describe('Metric of the trials: visitors, sessions, orders.'),
  squares: metricName
    .optional()
    .describe('Sum of the squared values. Needed for a value. Default: the metric counts yes or no.'),
  dimensions: dimensions
    .default(variantDimensions)
    .describe('Dimension name to value. {endpoint}, {variant}, {role} and {rolloutId} are replaced.'),
});

/** A percentile, or a number above zero. */
const cap = z.union(
  [
    text('a percentile', capPattern).transform((percent) => ({
      kind: 'percentile' as const,
      percent: Number(percent.slice(0, -1)),
    })),
    z
      .number('a number')
      .positive('a number')
      .max(1e9)
      .transform((value) => ({ kind: 'value' as const, value })),
  ],
  'a percentile from 90% to 99.9999%, or a number above 0 and up to 1e9',
);

const goal = z
  .strictObject({
    metric: text(
      `${switchMetrics.join(', ')}, or a label of your own with a source`,
      /^[a-zA-Z][\w .-]{0,62}$/,
    ).describe(
      'A metric of the switch (conversion, value, conversionsPerUser), or a label of your own with a source.',
    ),
    higherIsBetter: z.boolean('true or false').describe('true: a higher value is better.'),
    source: source.optional().describe("The metric in CloudWatch. Default: the switch's metric."),
    weekly: z
      .boolean()
      .default(true)
      .describe('true: the days of the week differ, so the experiment runs whole weeks.'),
    minimumEffect: rate
      .optional()
      .describe('Minimum improvement relative to the baseline. Default: any improvement.'),
    notWorseBy: rate
      .optional()
      .describe(
        'The goal decides for a candidate that is not worse by this much, relative to the baseline. Instead of minimumEffect.',
      ),
    dispersion: dispersion
      .optional()
      .describe(
        'Variance of the counts divided by that of independent trials, from history. Above 1 if the requests of one user are correlated. Default: the switch measures it by user; 1 with a source.',
      ),
    cap: cap
      .optional()
      .describe(
        "Values above the cap count as the cap: a percentile of all requests' values on the first day, or a number in the unit of the value. Only for a value. Default: 99.9%.",
      ),
    window: duration.prefault('1h').describe('Length of one window of data.'),
    dataDelay: duration
      .prefault('10m')
      .describe("Delay after a window's end until its data counts as complete."),
    conversionDelay: duration
      .optional()
      .describe(
        'How long after its trial a conversion or value can be counted. Windows that begin sooner after a change of the split are left out. Default: dataDelay.',
      ),
  })
  .superRefine((given, ctx) => {
    const { metric, source, minimumEffect, notWorseBy, cap } = given;
    if (cap !== undefined && !isValue({ metric, source }))
      addIssue(
        ctx,
        ['cap'],
        source === undefined
          ? `${metric} is counted and has no values to cap`
          : `${metric} has no source.squares, so it is counted and has no values to cap`,
        'source.squares for a value, or no cap',
      );
    if (minimumEffect !== undefined && notWorseBy !== undefined)
      addIssue(
        ctx,
        ['notWorseBy'],
        'minimumEffect and notWorseBy exclude each other',
        'minimumEffect or notWorseBy',
      );
    if (source === undefined && metric === 'conversionsPerUser') {
      for (const field of ['dispersion', 'conversionDelay'] as const)
        if (given[field] !== undefined)
          addIssue(
            ctx,
            [field],
            `the switch counts conversionsPerUser by user: ${field} is not allowed here`,
            `conversionsPerUser without ${field}`,
          );
    }
    if (source === undefined && !switchMetrics.some((name) => name === metric))
      addIssue(
        ctx,
        ['metric'],
        `"${metric}" is not a metric of the switch and has no source`,
        `${switchMetrics.join(', ')}, or a source`,
      );
  }, ifValid);

/** Whether a goal compares means of a value. Otherwise it compares how often something happens. */
export function isValue({ metric, source }: Pick<GoalSpec, 'metric' | 'source'>): boolean {
  return source === undefined ? metric === 'value' : source.squares !== undefined;
}

export type GoalSpec = z.output<typeof goal>;

export const goals = z
  .array(goal)
  .max(5)
  .superRefine((all, ctx) => {
    const labels = all.map(({ metric }) => metric);
    labels.forEach((label, i) => {
      if (labels.indexOf(label) < i)
        addIssue(ctx, [i, 'metric'], `${label} is already a goal`, 'each metric once');
    });
  }, ifValid);
