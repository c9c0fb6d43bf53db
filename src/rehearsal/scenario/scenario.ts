/** A scenario: the account, the candidate, and the events of one rehearsal. Durations in seconds, rates from 0 to 1. */
import type { Outcome } from '../../plan/outcome.js';

/** Latencies in milliseconds by percentile, such as `{ p50: 20, p99: 60 }`. */
export type LatencyProfile = Partial<Record<`p${number}`, number>>;

/** The amounts of a goal on a value, such as the price of an order. */
export interface AmountProfile {
  mean: number;
  std: number;
}

/** A field that is not set keeps the value of the account's baseline. */
export interface ModelProfile {
  /** Requests that the model answers with 500, with 400, and without an HTTP response. */
  errorRate?: number;
  clientErrorRate?: number;
  modelErrorRate?: number;
  latencyMs?: LatencyProfile;
  /** By the goal's metric: the share of successful requests that convert, or the amounts. */
  goals?: Record<string, number | AmountProfile>;
  /** Values of the application's own metrics, by metric name: for a share from 0 to 1, otherwise as published. */
  metrics?: Record<string, number>;
}

/** Unset fields keep the account's own values. */
export interface AccountChanges {
  /** The endpoint's instances before the rollout. */
  instances?: number;
  instanceType?: string;
  /** Above this load, an instance fails a fifth of its requests and is five times slower. Requests per second. */
  overloadAbove?: number;
  traffic?: TrafficChanges;
  baseline?: ModelProfile;
  /** By alarm name. */
  alarms?: Record<string, AssumedAlarm>;
}

export interface TrafficChanges {
  requestsPerSecond?: number;
  /** Different users of the endpoint. */
  users?: number;
  /** Daily and weekly profiles in UTC: a name that the emulator knows, or factors by hour and by day from Monday on. */
  day?: 'office' | 'evening' | number[];
  week?: 'office' | 'leisure' | number[];
  /** Share of bots, from 0 to 1. */
  bots?: number;
}

/** Fires if more than this share of the endpoint's requests fail in two of three minutes. */
export interface AssumedAlarm {
  failedRequestsAbove: number;
}

export type ScenarioEvent = {
  /** Delay after the candidate's first request, or after the start of the rollout. */
  at: number;
  since: 'firstRequest' | 'start';
} & EventEffect;

export type EventEffect =
  | { kind: 'candidateChanges'; profile: ModelProfile }
  | { kind: 'cloudWatchAway'; seconds: number }
  | { kind: 'workersAway'; seconds: number }
  | { kind: 'awsThrottles'; seconds: number; share: number }
  /** Someone sets the candidate's share, from 0 to 1. */
  | { kind: 'weightsEdited'; candidateShare: number }
  /** Goes to ALARM for a minute, this many times. Null: the first alarm of the spec. */
  | { kind: 'alarmFires'; alarm: string | null; times: number; everySeconds: number }
  | { kind: 'baselineShrinks'; instances: number }
  | { kind: 'trafficStops'; seconds: number };

export interface PeopleSetting {
  /** Delay from the begin of a gate, or of a version in the registry, until people approve. Null: never. */
  approveAfter: number | null;
  /** Answer of webhook gates, and the delay from the first request until then. */
  webhookAnswer: 'yes' | 'no';
  webhookAfter: number;
}

export interface ScenarioExpectation {
  outcomes: RehearsedOutcome[] | null;
  /** Max delay of the decision after the cause; after the start if the scenario has no cause. */
  within: number | null;
  /** Failed requests of users that the candidate served. */
  failedRequestsBelow: number | null;
}

/** `unfinished`: the rollout had not ended when the rehearsal stopped. */
export const rehearsedOutcomes = [
  'promoted',
  'rolledBack',
  'aborted',
  'inconclusive',
  'rollbackFailed',
  'failed',
  'unfinished',
] as const satisfies readonly (Outcome | 'unfinished')[];
export type RehearsedOutcome = (typeof rehearsedOutcomes)[number];

export interface Scenario {
  name: string;
  /** One sentence. */
  about: string;
  /** Milliseconds since the epoch. Null: a Monday at 09:00 UTC. */
  startMs: number | null;
  seed: number;
  account: AccountChanges;
  /** The candidate from its first request on. */
  candidate: ModelProfile;
  candidateStart: 'healthy' | 'unhealthy' | 'noCapacity';
  events: ScenarioEvent[];
  people: PeopleSetting;
  expect: ScenarioExpectation | null;
  /** Simulated time after which a rollout that has not ended is left. Null: depends on the plan. */
  stopAfter: number | null;
}

export const defaultPeople: PeopleSetting = { approveAfter: 600, webhookAnswer: 'yes', webhookAfter: 300 };

/** A scenario in which nothing happens, for others to build on. */
export const quietScenario: Scenario = {
  name: 'healthy',
  about: 'The candidate is as good as the baseline.',
  startMs: null,
  seed: 1,
  account: {},
  candidate: {},
  candidateStart: 'healthy',
  events: [],
  people: defaultPeople,
  expect: null,
  stopAfter: null,
};
