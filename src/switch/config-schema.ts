/** The configuration file of the switch; docs/switch.md describes each field. */
import { z } from 'zod';
import { durationPattern, parseDuration } from '../plan/units/durations.js';
import { endpointPattern } from './assignment/endpoint-names.js';

const duration = z
  .string()
  .regex(durationPattern, 'a duration such as 1s, 15m or 7d')
  .transform((text) => parseDuration(text) * 1000);

const units: Record<string, number> = { KB: 2 ** 10, MB: 2 ** 20 };
const size = z
  .string()
  .regex(/^[1-9]\d{0,5}(KB|MB)$/, 'a size such as 512KB or 6MB')
  .transform((text) => Number.parseInt(text, 10) * (units[text.slice(-2)] ?? 1));

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, "a header's name: letters, digits and hyphens")
  .transform((name) => name.toLowerCase());
const cookieName = z.string().regex(/^[\w.-]{1,100}$/, "a cookie's name: letters, digits, _ . and -");
const text = z.string().min(1, 'text that is not empty');
const endpoint = z
  .string()
  .regex(endpointPattern, 'the name of an endpoint')
  .transform((name) => name.toLowerCase());
const ids = z.array(text);
const countOf = (max: number, what: string) =>
  z.int(what).min(1, `${what}, at least 1`).max(max, `${what}, at most ${max}`);

/** One object that must have exactly one of the fields gives better errors than a union of objects. */
function exactlyOne<T extends z.ZodRawShape>(fields: T) {
  const names = Object.keys(fields).join(', ');
  return (entry: object, context: z.RefinementCtx) => {
    const given = Object.keys(fields).filter((name) => name in entry);
    if (given.length === 1) return;
    const message =
      given.length === 0 ? `${names}: none is set` : `${given.join(' and ')} exclude each other`;
    context.addIssue({ code: 'custom', message, params: { allowed: `exactly one of ${names}` } });
  };
}

const sourceFields = {
  header: header.optional(),
  cookie: cookieName.optional(),
  field: z
    .string()
    .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'a path in the JSON body, such as user.id')
    .optional(),
};
const userSource = z.strictObject(sourceFields).superRefine(exactlyOne(sourceFields));

const matchFields = {
  users: ids.optional(),
  header: z
    .strictObject({ name: header, in: z.array(text).min(1, 'a list with at least one value') })
    .optional(),
  country: z.array(z.string().regex(/^[A-Z]{2}$/, 'a country as two capital letters, such as DE')).optional(),
};
const cohort = z
  .strictObject({
    name: text,
    ...matchFields,
    assign: z.enum(['baseline', 'candidate', 'out']),
  })
  .superRefine(exactlyOne(matchFields));

const records = z.strictObject({
  userId: z.enum(['hash', 'plain', 'none']).default('hash'),
  file: text.optional(),
  rotate: size.default(256 * 2 ** 20),
  cloudwatch: z
    .strictObject({
      namespace: text.default('Penstock/Switch'),
      every: duration.default(10_000),
      keep: countOf(1_000_000, 'a number of data points').default(10_000),
    })
    .optional(),
  join: z
    .strictObject({
      within: duration.default(86_400_000),
      maxExposures: countOf(10_000_000, 'a number of exposures').default(200_000),
    })
    .prefault({}),
});

export const switchSchema = z.strictObject({
  listen: z
    .strictObject({
      host: text.default('127.0.0.1'),
      port: z.int('a port').min(0, 'a port from 0').max(65_535, 'a port up to 65535').default(4700),
    })
    .prefault({}),
  user: z
    .array(userSource)
    .min(1, 'a list with at least one source')
    .default([{ header: 'x-penstock-user' }, { cookie: 'penstock-user' }]),
  cookie: z
    .strictObject({
      maxAge: duration.default(400 * 86_400_000),
      secure: z.boolean().default(false),
      domain: text.optional(),
    })
    .prefault({}),
  endpoints: z.array(endpoint).default([]),
  unlistedEndpoints: z.enum(['follow', 'reject']).default('follow'),
  testers: z
    .strictObject({ baseline: ids.default([]), candidate: ids.default([]), header: header.optional() })
    .prefault({}),
  cohorts: z.array(cohort).default([]),
  countryHeader: header.default('cloudfront-viewer-country'),
  allowTargetVariant: z.boolean().default(false),
  retryOnBaseline: z.boolean().default(false),
  hooks: z.strictObject({ module: text, timeout: duration.default(1000) }).optional(),
  follow: z
    .strictObject({
      every: duration.default(1000),
      firstRead: duration.default(1000),
      idle: duration.default(300_000),
      maxEndpoints: countOf(10_000, 'a number of endpoints').default(1000),
    })
    .prefault({}),
  state: text.default('penstock-switch-state'),
  limits: z
    .strictObject({
      body: size.default(6 * 2 ** 20),
      response: duration.default(65_000),
      drain: duration.default(70_000),
      connections: countOf(10_000, 'a number of connections').default(256),
    })
    .prefault({}),
  records: records.optional(),
});

export type SwitchConfig = z.output<typeof switchSchema>;
export type UserSource = SwitchConfig['user'][number];
export type Cohort = SwitchConfig['cohorts'][number];
export type Records = NonNullable<SwitchConfig['records']>;

/** The configuration of a switch without a file. */
export const defaultConfig: SwitchConfig = switchSchema.parse({});
