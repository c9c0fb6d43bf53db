/** `validate`: what the candidate must answer before any user's request reaches it. */
import { z } from 'zod';
import {
  countSchema,
  duration,
  exactlyOneOf,
  latency,
  oneRequiredOf,
  rate,
  addIssue,
  text,
  ifValid,
} from './scalars.js';

/** A value that must be there but may be anything, null included. */
const anything = z.unknown();

const request = {
  body: anything.describe('Request body: text is sent as it is, anything else as JSON.'),
  contentType: text('a MIME type such as application/json', /^\S{1,256}$/)
    .default('application/json')
    .describe('Content type of the request.'),
};

export const goldenRecord = z.strictObject({
  ...request,
  expect: anything.describe('Expected answer: a subset of the JSON answer.'),
});

const goldenRecords = z.array(goldenRecord).min(1).max(500);
const fileName = text('a file name, from the folder of the spec', /^[^\0]{1,1024}$/);

const goldenSources = ['file', 'records'] as const;

const golden = z
  .union(
    [
      fileName,
      goldenRecords,
      z
        .strictObject({
          file: fileName.optional().describe('File with one record a line.'),
          records: goldenRecords.optional().describe('The records themselves.'),
          atLeast: rate.prefault('100%').describe('Share of the answers that must be as expected.'),
        })
        .superRefine(...exactlyOneOf(goldenSources))
        .meta(oneRequiredOf(goldenSources)),
    ],
    'a file name, a list of records, or {file, atLeast}',
  )
  .transform((value) => {
    if (typeof value === 'string') return { kind: 'file' as const, file: value, atLeast: 100 };
    if (Array.isArray(value)) return { kind: 'records' as const, records: value, atLeast: 100 };
    const { file, records, atLeast } = value;
    return records === undefined
      ? { kind: 'file' as const, file: file ?? '', atLeast }
      : { kind: 'records' as const, records, atLeast };
  });

const percentiles = ['p50', 'p90', 'p95', 'p99'] as const;
const bound = latency
  .optional()
  .describe('The percentile of the latency must be below this. Exactly one is needed.');

const latencyRule = z
  .strictObject({
    p50: bound,
    p90: bound,
    p95: bound,
    p99: bound,
    requests: countSchema(10_000)
      .default(200)
      .describe('How many requests are timed, from the golden records (else the smoke requests) in turn.'),
  })
  .superRefine(...exactlyOneOf(percentiles))
  .meta(oneRequiredOf(percentiles))
  .transform(({ requests, ...bounds }) => {
    const stat = percentiles.find((name) => bounds[name] !== undefined) ?? 'p99';
    return { percentile: Number(stat.slice(1)), belowMs: bounds[stat] ?? 0, requests };
  });

const load = z
  .strictObject({
    requestsPerSecond: countSchema(100).describe('Steady rate, whatever the answers take.'),
    for: duration
      .prefault('1m')
      .refine((seconds) => seconds <= 900, 'at most 15m')
      .describe('For how long.'),
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
      .describe('Requests that must simply be answered.'),
    golden: golden.optional().describe('Requests with their expected answers.'),
    latency: latencyRule.optional().describe('A bound on the latency of these requests.'),
    load: load.optional().describe('A small steady load of these requests.'),
  })
  .superRefine((validate, ctx) => {
    if (validate.golden === undefined && validate.smoke === undefined)
      addIssue(
        ctx,
        ['golden'],
        validate.latency || validate.load
          ? 'latency and load are measured with the golden or smoke requests; there are none'
          : 'nothing to validate',
        'golden: a file name, a list of records, or {file, atLeast}; or smoke: a list of requests',
      );
  }, ifValid);

export type GoldenSpec = z.output<typeof golden>;
