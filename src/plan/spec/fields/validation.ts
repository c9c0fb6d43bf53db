/** `validate`: checks that the candidate must pass before it gets user requests. */
import { z } from 'zod';
import {
  countSchema,
  duration,
  exactlyOneOf,
  latency,
  oneRequiredOf,
  rate,
  addIssue,
  ifValid,
} from './scalars.js';
import { golden } from './golden.js';
import { request } from './test-request.js';

const percentiles = ['p50', 'p90', 'p95', 'p99'] as const;
const bound = latency
  .optional()
  .describe('The percentile of the latency must be below this. Exactly one percentile is needed.');

const latencyRule = z
  .strictObject({
    p50: bound,
    p90: bound,
    p95: bound,
    p99: bound,
    requests: countSchema(10_000)
      .default(200)
      .describe(
        'Number of timed requests. They cycle through the golden records, or else the smoke requests.',
      ),
  })
  .superRefine(...exactlyOneOf(percentiles))
  .meta(oneRequiredOf(percentiles))
  .transform(({ requests, ...bounds }) => {
    const stat = percentiles.find((name) => bounds[name] !== undefined) ?? 'p99';
    return { percentile: Number(stat.slice(1)), belowMs: bounds[stat] ?? 0, requests };
  });

const load = z
  .strictObject({
    requestsPerSecond: countSchema(100).describe('Steady rate, independent of response times.'),
    for: duration
      .prefault('1m')
      .refine((seconds) => seconds <= 900, 'at most 15m')
      .describe('Duration of the load.'),
    errorsBelow: rate.prefault('1%').describe('The share of failed requests must be below this.'),
  })
  .transform(({ requestsPerSecond, for: seconds, errorsBelow }) => ({
    requestsPerSecond,
    seconds,
    maximumErrorPercent: errorsBelow,
  }));

export const validation = z
  .strictObject({
    smoke: z
      .array(z.strictObject(request))
      .min(1)
      .max(100)
      .optional()
      .describe('Requests that need only a 2xx response.'),
    golden: golden.optional().describe('Requests with their expected responses.'),
    latency: latencyRule.optional().describe('Bound on the latency of these requests.'),
    load: load.optional().describe('A small steady load of these requests.'),
  })
  .superRefine((validate, ctx) => {
    if (validate.golden === undefined && validate.smoke === undefined)
      addIssue(
        ctx,
        ['golden'],
        validate.latency || validate.load
          ? 'latency and load need golden or smoke requests; there are none'
          : 'validate has no requests',
        'golden: a file name, a list of records, or {file, atLeast}; or smoke: a list of requests',
      );
  }, ifValid);
