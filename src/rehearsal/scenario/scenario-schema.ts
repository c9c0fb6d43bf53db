/** The fields of a scenario file. The message of a schema lists the allowed values, as in the schema of a spec. */
import { z } from 'zod';
import {
  addIssue,
  countSchema,
  duration,
  exactlyOneOf,
  ifValid,
  instanceType,
  latency,
  text,
} from '../../plan/spec/fields/scalars.js';
import {
  defaultPeople,
  quietScenario,
  rehearsedOutcomes,
  type EventEffect,
  type ScenarioExpectation,
  type LatencyProfile,
  type ModelProfile,
  type Scenario,
  type ScenarioEvent,
} from './scenario.js';

const allowedFraction = 'a share such as 0%, 0.5% or 100%';

/** From 0 to 1. */
const fraction = text(allowedFraction, /^(100(\.0+)?|\d{1,2}(\.\d{1,4})?)%$/).transform(
  (given) => Number(given.slice(0, -1)) / 100,
);

const positiveNumber = (what: string) => z.number(what).positive(what);

const allowedPercentiles = 'at least two percentiles, such as { p50: 20ms, p99: 60ms }';
const latencies = z
  .record(text('percentiles such as p50 or p99.9', /^p(?!0+$)\d{1,2}(\.\d+)?$/), latency, allowedPercentiles)
  .superRefine((given, ctx) => {
    if (Object.keys(given).length < 2)
      addIssue(ctx, [], 'one percentile does not make a distribution', allowedPercentiles);
  })
  .transform((given) => given as LatencyProfile);

const amount = z.strictObject({
  mean: z.number('a number'),
  std: z.number('a number of 0 or more').min(0, 'a number of 0 or more'),
});

const shareOrNumber = z.union([fraction, z.number('a number')], 'a share such as 4%, or a number');

const profileFields = {
  errorRate: fraction.optional(),
  clientErrorRate: fraction.optional(),
  modelErrorRate: fraction.optional(),
  latency: latencies.optional(),
  goals: z
    .record(z.string(), z.union([fraction, amount], 'a share such as 5%, or { mean: 30, std: 40 }'))
    .optional(),
  metrics: z.record(z.string(), shareOrNumber).optional(),
};
const profile = z.strictObject(profileFields).transform(profileOf);

function profileOf({
  latency: latencyMs,
  ...rates
}: z.output<z.ZodObject<typeof profileFields>>): ModelProfile {
  return withoutUndefined({ ...rates, latencyMs });
}

const startStates = ['healthy', 'unhealthy', 'noCapacity'] as const;

const candidate = z
  .strictObject({
    ...profileFields,
    from: duration.optional(),
    start: z.enum(startStates).default('healthy'),
  })
  .transform(({ from, start, ...fields }) => ({ from: from ?? null, start, profile: profileOf(fields) }));

const factors = (count: number) =>
  z.array(z.number('a factor of 0 or more').min(0, 'a factor of 0 or more')).length(count);

const traffic = z
  .strictObject({
    requestsPerSecond: z.number('a number of 0 or more').min(0, 'a number of 0 or more').optional(),
    users: countSchema(10_000_000_000).optional(),
    day: z.union([z.enum(['office', 'evening']), factors(24)], 'office, evening, or 24 factors').optional(),
    week: z
      .union([z.enum(['office', 'leisure']), factors(7)], 'office, leisure, or 7 factors from Monday on')
      .optional(),
    bots: fraction.optional(),
  })
  .transform(withoutUndefined);

const account = z
  .strictObject({
    instances: countSchema(1_000).optional(),
    instanceType: instanceType.optional(),
    overloadAbove: positiveNumber('requests per second and instance').optional(),
    traffic: traffic.optional(),
    baseline: profile.optional(),
    alarms: z.record(z.string(), z.strictObject({ failedRequestsAbove: fraction })).optional(),
  })
  .transform(withoutUndefined);

const effects = [
  'candidate',
  'cloudWatchAway',
  'workersAway',
  'awsThrottles',
  'weightsEdited',
  'alarmFires',
  'baselineShrinks',
  'trafficStops',
] as const;

const lasting = z.strictObject({ for: duration });

const event = z
  .strictObject({
    at: duration.optional(),
    since: z.enum(['firstRequest', 'start']).default('firstRequest'),
    candidate: profile.optional(),
    cloudWatchAway: lasting.optional(),
    workersAway: lasting.optional(),
    awsThrottles: z.strictObject({ for: duration, share: fraction }).optional(),
    weightsEdited: z.strictObject({ candidate: fraction }).optional(),
    alarmFires: z
      .strictObject({
        name: z.string().optional(),
        times: countSchema(1_000).default(1),
        every: duration.optional(),
      })
      .optional(),
    baselineShrinks: z.strictObject({ instances: countSchema(1_000) }).optional(),
    trafficStops: lasting.optional(),
  })
  .superRefine(...exactlyOneOf(effects))
  .transform((given): ScenarioEvent => ({ at: given.at ?? 0, since: given.since, ...effectOf(given) }));

const defaultAlarmEvery = 3_600;

/** The event has exactly one effect. */
function effectOf(given: {
  candidate?: ModelProfile | undefined;
  cloudWatchAway?: { for: number } | undefined;
  workersAway?: { for: number } | undefined;
  awsThrottles?: { for: number; share: number } | undefined;
  weightsEdited?: { candidate: number } | undefined;
  alarmFires?: { name?: string | undefined; times: number; every?: number | undefined } | undefined;
  baselineShrinks?: { instances: number } | undefined;
  trafficStops?: { for: number } | undefined;
}): EventEffect {
  const { candidate, cloudWatchAway, workersAway, awsThrottles, weightsEdited, alarmFires, baselineShrinks } =
    given;
  if (candidate) return { kind: 'candidateChanges', profile: candidate };
  if (cloudWatchAway) return { kind: 'cloudWatchAway', seconds: cloudWatchAway.for };
  if (workersAway) return { kind: 'workersAway', seconds: workersAway.for };
  if (awsThrottles) return { kind: 'awsThrottles', seconds: awsThrottles.for, share: awsThrottles.share };
  if (weightsEdited) return { kind: 'weightsEdited', candidateShare: weightsEdited.candidate };
  if (alarmFires) {
    const { name = null, times, every = defaultAlarmEvery } = alarmFires;
    return { kind: 'alarmFires', alarm: name, times, everySeconds: every };
  }
  if (baselineShrinks) return { kind: 'baselineShrinks', instances: baselineShrinks.instances };
  return { kind: 'trafficStops', seconds: given.trafficStops?.for ?? 0 };
}

const people = z
  .strictObject({
    approveAfter: z.union([duration, z.literal('never')], 'a duration such as 10m, or never').optional(),
    webhookAnswer: z.enum(['yes', 'no']).optional(),
    webhookAfter: duration.optional(),
  })
  .transform(({ approveAfter, webhookAnswer, webhookAfter }) => ({
    approveAfter: approveAfter === 'never' ? null : (approveAfter ?? defaultPeople.approveAfter),
    webhookAnswer: webhookAnswer ?? defaultPeople.webhookAnswer,
    webhookAfter: webhookAfter ?? defaultPeople.webhookAfter,
  }));

const outcome = z.enum(rehearsedOutcomes);

const expectation = z
  .strictObject({
    outcome: z.union([outcome, z.array(outcome).min(1)], rehearsedOutcomes.join(', ')).optional(),
    within: duration.optional(),
    failedRequestsBelow: countSchema(1_000_000_000_000).optional(),
  })
  .superRefine((given, ctx) => {
    const keys = ['outcome', 'within', 'failedRequestsBelow'];
    if (Object.values(given).every((value) => value === undefined))
      addIssue(ctx, [], 'nothing is expected', `at least one of ${keys.join(', ')}`);
  }, ifValid)
  .transform(({ outcome: expected, within = null, failedRequestsBelow = null }): ScenarioExpectation => ({
    outcomes: expected === undefined ? null : [expected].flat(),
    within,
    failedRequestsBelow,
  }));

const allowedTime = 'a time such as 2026-10-23T14:00Z, in ISO 8601 with a time zone';
const startTime = text(allowedTime, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/)
  .transform((given) => Date.parse(given))
  .refine((ms) => Number.isFinite(ms), allowedTime);

/** The scenario without its name. */
export const scenarioSchema = z
  .strictObject({
    about: z.string('a sentence').optional(),
    startAt: startTime.optional(),
    seed: countSchema(4_294_967_295).optional(),
    account: account.optional(),
    candidate: candidate.optional(),
    events: z.array(event).max(1_000).optional(),
    people: people.optional(),
    expect: expectation.optional(),
    stopAfter: duration.optional(),
  })
  .transform((given): Omit<Scenario, 'name'> => {
    const {
      candidate: { from, start, profile: bad } = { from: null, start: 'healthy' as const, profile: {} },
    } = given;
    const quiet = quietScenario;
    const change: ScenarioEvent[] =
      from === null ? [] : [{ at: from, since: 'firstRequest', kind: 'candidateChanges', profile: bad }];
    return {
      about: given.about ?? 'a scenario of this file',
      startMs: given.startAt ?? null,
      seed: given.seed ?? quiet.seed,
      account: given.account ?? {},
      candidate: from === null ? bad : {},
      candidateStart: start,
      events: [...change, ...(given.events ?? [])],
      people: given.people ?? quiet.people,
      expect: given.expect ?? null,
      stopAfter: given.stopAfter ?? null,
    };
  });

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Optional fields of the schema library can be undefined; those of a scenario are absent then. */
function withoutUndefined<T extends object>(given: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}
