import { z } from 'zod';
import type { Behaviour, Condition } from '../traffic/behaviours.js';
import { dayProfileNames, weekProfileNames } from '../traffic/profiles.js';
import type { TrafficSetting } from '../traffic/traffic.js';
import type { Quantiles } from '../traffic/latency-shape.js';
import { nonEmpty, positive, share, span } from './scalars.js';

const milliseconds = 'milliseconds above 0';
const factor = z.number('a factor from 0').min(0, 'a factor from 0');
const hour = z.int('an hour from 0 to 24').min(0, 'an hour from 0 to 24').max(24, 'an hour from 0 to 24');

const quantiles = z
  .record(
    z.string().regex(/^p(\d{1,2}(\.\d+)?)$/, 'percentiles such as p50 or p99.9'),
    positive(milliseconds),
  )
  .refine((given) => Object.keys(given).length >= 2 && !('p0' in given), {
    message: 'needs at least two percentiles above p0',
    params: { allowed: 'at least two percentiles such as { p50: 40, p99: 400 }' },
  })
  .transform((given) => given as Quantiles);

const profile = {
  errorRate: share.exactOptional(),
  clientErrorRate: share.exactOptional(),
  modelErrorRate: share.exactOptional(),
  latencyMs: quantiles.exactOptional(),
  conversionRate: share.exactOptional(),
};

const users = z.union(
  [z.strictObject({ from: share, to: share }), share.transform((to) => ({ from: 0, to }))],
  'a share of the users such as 10%, or { from: 10%, to: 30% }',
);

const condition = z.strictObject({
  ...span,
  ...profile,
  hours: z.tuple([hour, hour], 'two hours such as [18, 22]').exactOptional(),
  load: z.number('requests a second for each instance').min(0).exactOptional(),
  users: users.exactOptional(),
}) satisfies z.ZodType<Condition>;

export const behaviourSchema = z.strictObject({
  model: nonEmpty('a model name or serving image; * stands for any characters'),
  ...profile,
  errorBurst: z.number('a number from 1').min(1, 'a number from 1').exactOptional(),
  conversionMetric: z
    .strictObject({
      namespace: nonEmpty('a CloudWatch namespace').refine((name) => !name.startsWith('AWS/'), {
        message: 'must not begin with AWS/',
        params: { allowed: 'a namespace that does not begin with AWS/' },
      }),
      name: nonEmpty('the name of a metric'),
      per: nonEmpty('the name of a metric'),
    })
    .exactOptional(),
  when: z.array(condition).exactOptional(),
  response: z.json().exactOptional(),
}) satisfies z.ZodType<Behaviour>;

export const trafficSchema = z.strictObject({
  endpoint: nonEmpty('the name of an endpoint'),
  requestsPerSecond: z.number('a number from 0').min(0, 'a number from 0'),
  day: z
    .union([z.enum(dayProfileNames), z.array(factor).length(24)], 'office, evening, or 24 factors')
    .exactOptional(),
  week: z
    .union(
      [z.enum(weekProfileNames), z.array(factor).length(7)],
      'office, leisure, or 7 factors from Monday on',
    )
    .exactOptional(),
  bots: share.exactOptional(),
  outages: z.array(z.strictObject(span)).exactOptional(),
}) satisfies z.ZodType<TrafficSetting>;

/** A scenario file, as YAML or JSON. */
export const scenarioFileSchema = z.strictObject({
  models: z.array(behaviourSchema).default([]),
  traffic: z.array(trafficSchema).default([]),
  /** Calls a second, by operation. */
  quotas: z.record(z.string(), positive('calls a second above 0')).default({}),
});
