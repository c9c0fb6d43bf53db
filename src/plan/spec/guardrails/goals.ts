/** `goals`: what an experiment is decided by. */
import { z } from 'zod';
import { dimensions, metricName, namespace, variantDimensions } from './metric-source.js';
import { dispersion, duration, rate, addIssue, text, ifValid } from '../fields/scalars.js';

/** What the switch counts by itself, from the outcomes that it is told of. */
export const switchMetrics = ['conversion', 'value'] as const;
export type SwitchMetric = (typeof switchMetrics)[number];

const source = z.strictObject({
  namespace: namespace.describe('CloudWatch namespace.'),
  name: metricName.describe('Conversions, or the sum of a value.'),
  per: metricName.describe('What it is counted among: visitors, sessions, orders.'),
  squares: metricName
    .optional()
    .describe('Sum of the squared values. Needed for a value; left out, the metric counts yes and no.'),
  dimensions: dimensions
    .default(variantDimensions)
    .describe('Dimension name to value; {endpoint}, {variant}, {role} and {rolloutId} are filled in.'),
});

const goal = z
  .strictObject({
    metric: text(
      `${switchMetrics.join(', ')}, or a label of your own with a source`,
      /^[a-zA-Z][\w .-]{0,62}$/,
    ).describe("What the switch counts (conversion, value), or a label of one's own."),
    higherIsBetter: z.boolean('true or false').describe('Which direction is the better one.'),
    source: source.optional().describe('Where CloudWatch has the metric. Default: what the switch counts.'),
    weekly: z
      .boolean()
      .default(true)
      .describe('Whether the days of the week differ, as with people; the experiment then runs whole weeks.'),
    minimumEffect: rate
      .optional()
      .describe('How much better it has to be, relative to the baseline. Default: any better.'),
    notWorseBy: rate
      .optional()
      .describe(
        'Decides for a candidate that is not worse by this much, relative to the baseline; in place of minimumEffect.',
      ),
    dispersion: dispersion
      .optional()
      .describe(
        "Variance of the counts over that of independent ones, from history: above 1 where one user's requests stay together. Default: 1.",
      ),
    window: duration.prefault('1h').describe('Span of data taken in at a time.'),
    dataDelay: duration
      .prefault('10m')
      .describe("How long after a window's end its data counts as complete."),
  })
  .superRefine(({ metric, source, minimumEffect, notWorseBy }, ctx) => {
    if (minimumEffect !== undefined && notWorseBy !== undefined)
      addIssue(
        ctx,
        ['notWorseBy'],
        'a goal asks for a gain or for the lack of a loss, not for both',
        'minimumEffect or notWorseBy',
      );
    if (source === undefined && !switchMetrics.some((name) => name === metric))
      addIssue(
        ctx,
        ['metric'],
        `"${metric}" is not counted by the switch, and it has no source`,
        `${switchMetrics.join(', ')}, or a source`,
      );
  }, ifValid);

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
