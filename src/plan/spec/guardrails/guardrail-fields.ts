/** The fields of a guardrail, each on its own. */
import { z } from 'zod';
import { percentilePattern } from '../../units/percentiles.js';
import { metricSource } from './metric-source.js';
import { countSchema, dispersion, duration, latency, rate, text } from '../fields/scalars.js';

/** Built-in metrics of the candidate. They need no source. */
export const rateMetrics = ['errorRate', 'clientErrorRate', 'modelErrorRate'] as const;
export type RateMetric = (typeof rateMetrics)[number];
export const builtInMetrics = [...rateMetrics, 'latency'] as const;

/** The values of `for`. An alarm without it must be able to see the candidate. */
export const alarmSubjects = ['candidate', 'asDefined'] as const;
export const onFailValues = ['rollBack', 'report'] as const;
export type AlarmSubject = (typeof alarmSubjects)[number];

/** `failures` of the latest `of` windows. */
export interface Failures {
  failures: number;
  of: number;
}

const failuresPattern = /^[1-9]\d{0,2} of [1-9]\d{0,2}$/;

function parseFailures(given: string): Failures {
  const [failures = 0, of = 0] = given.split(' of ').map(Number);
  return { failures, of };
}

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

/** The counters of requests and errors. The switch counts by user. */
export const counters = ['sagemaker', 'switch'] as const;
export type Counter = (typeof counters)[number];

const shape = {
  alarm: text('the name of a CloudWatch alarm', /^.{1,255}$/)
    .optional()
    .describe(
      'Name of a CloudWatch alarm. If it fires, the rollout rolls back immediately. Of the other fields, only `for` and `onFail` are allowed with it.',
    ),
  for: z
    .enum(alarmSubjects, alarmSubjects.join(' or '))
    .optional()
    .describe(
      "candidate: the alarm's own rule is evaluated on the candidate's variant. asDefined: the alarm is read as it is, although its metrics are those of another variant. Only with alarm.",
    ),
  onFail: z
    .enum(onFailValues, onFailValues.join(' or '))
    .optional()
    .describe(
      'rollBack: a failure of this guardrail rolls back. report: it is reported once, and the rollout continues. Default: rollBack.',
    ),
  metric: z
    .union(
      [z.enum(builtInMetrics), text('a label', /^[a-zA-Z][\w .-]{0,62}$/)],
      `${builtInMetrics.join(', ')}, or a label of your own with a source`,
    )
    .optional()
    .describe('A metric of the candidate, evaluated window by window.'),
  stat: text('a percentile such as p99', percentilePattern)
    .optional()
    .describe(
      'Percentile of the latency. Needed with latency, except with slowerThan. Not allowed with other metrics.',
    ),
  slowerThan: latency
    .optional()
    .describe(
      "Compares the count of requests slower than this with the baseline's. Only with latency and notWorseThanBaselineBy.",
    ),
  below: boundInUnit.optional().describe('The metric must be below this.'),
  above: boundInUnit.optional().describe('The metric must be above this. Only for metrics with a source.'),
  source: metricSource.optional().describe('The metric in CloudWatch. Needed for a label of your own.'),
  minimumRequests: countSchema(1_000_000_000)
    .optional()
    .describe('A window with fewer requests than this is judged together with the next window.'),
  window: duration.optional().describe('Length of one window, a multiple of serve.metricsEvery.'),
  dataDelay: duration
    .optional()
    .describe(
      "Delay after a window's end until its data counts as complete. Default: twice serve.metricsEvery.",
    ),
  notWorseThanBaselineBy: rate
    .optional()
    .describe(
      "Allowed excess over the baseline's rate, relative to it. The evidence stays valid at any number of polls.",
    ),
  requireProof: z
    .boolean('true or false')
    .optional()
    .describe(
      'true: a bake ends only with proof that the rate is within the margin. false: it ends if there is no evidence of harm. Only with notWorseThanBaselineBy. Default: false.',
    ),
  negligibleRate: rate
    .optional()
    .describe(
      'A candidate with a rate that is proven to be under this counts as not worse, at any ratio. Only with requireProof.',
    ),
  countedBy: z
    .enum(counters, counters.join(' or '))
    .optional()
    .describe(
      "switch: compares the requests and errors that the switch counts, with a variance by user. sagemaker: those of SageMaker's metrics. Only with errorRate and notWorseThanBaselineBy. Default: sagemaker.",
    ),
  dispersion: dispersion
    .optional()
    .describe(
      'Variance divided by mean of the errors in history, if errors come in clusters. Only with notWorseThanBaselineBy, or with a bound on a rate. Default: 1; measured by user with countedBy: switch.',
    ),
  strict: z
    .literal(true, 'true')
    .optional()
    .describe(
      'true: a single window with the rate out of the bound fails, by chance too. Default: the rate fails when the evidence of all windows shows that it is out of the bound. Only for a rate.',
    ),
  failures: text('windows such as 3 of 5, at most 100', failuresPattern)
    .transform(parseFailures)
    .refine(({ failures, of }) => failures <= of && of <= 100, 'windows such as 3 of 5, at most 100')
    .optional()
    .describe(
      'How many of the latest windows must be out of the bound. Default: 2 of 3. Not for errorRate, clientErrorRate and modelErrorRate.',
    ),
};

export const guardrailFields = z.strictObject(shape);
export type GuardrailFields = z.output<typeof guardrailFields>;
