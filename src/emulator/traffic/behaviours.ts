import { globPattern } from '../account/globs.js';
import { isWithinSpan, type InstantSpan } from '../account/instants.js';
import type { Quantiles } from './latency-shape.js';
import type { RequestMetric } from './request-metrics.js';

/** Results of requests. Rates are fractions from 0 to 1 of all requests. A request has at most one error. */
export interface BehaviourProfile {
  /** The container returns 500: counts in Invocation5XXErrors and InvocationModelErrors. */
  errorRate?: number;
  /** The container returns 400: counts in Invocation4XXErrors and InvocationModelErrors. */
  clientErrorRate?: number;
  /** The container breaks the connection: counts only in InvocationModelErrors. */
  modelErrorRate?: number;
  latencyMs?: Quantiles;
  /** Share of the people whose request succeeded. */
  conversionRate?: number;
}

/** A profile that applies if all its conditions are met. */
export interface Condition extends BehaviourProfile, InstantSpan {
  /** Hours of the day (UTC), from the first (inclusive) to the second (exclusive). Can go past midnight. */
  hours?: [from: number, to: number];
  /** Min load, in requests per second and instance. */
  load?: number;
  /** Range of users. Users are spread evenly from 0 to 1, and each user always has the same position. */
  users?: { from: number; to: number };
}

/** A metric of the requests themselves, with the same dimensions as the invocation metrics. */
export interface ConversionMetric {
  namespace: string;
  /** Metric with 1 for each conversion and 0 for each other request. */
  name: string;
  /** Metric with 1 for each request. */
  per: string;
}

/** The behaviour of a simulated model. */
export interface Behaviour extends BehaviourProfile {
  /** Model name or serving image (`simulated/NAME`). `*` matches any characters. */
  model: string;
  /** Average length of bursts of server errors. Default: 1, independent errors. */
  errorBurst?: number;
  conversionMetric?: ConversionMetric;
  /** Later entries take precedence. */
  when?: Condition[];
  /** JSON response to a real request. */
  response?: unknown;
  /** JSON responses to real requests with exactly this body. They take precedence over `response`. */
  answers?: { body: string; response: unknown }[];
  /** Metrics that the application publishes about the requests, in addition to `conversionMetric`. */
  metrics?: RequestMetric[];
}

/** Input of the conditions. */
export interface ConditionContext {
  /** Epoch ms. */
  now: number;
  startedAt: number;
  /** Requests per second and instance. */
  load: number;
}

export interface Slice {
  /** Share of the users. */
  share: number;
  profile: BehaviourProfile;
}

const plain: Omit<Behaviour, 'model'> = { latencyMs: { p50: 20, p99: 60 } };
const hourMs = 3_600_000;

/** Behaviours by pattern. If several match, the last one set wins. */
export class Behaviours {
  private entries: { pattern: RegExp; behaviour: Behaviour }[] = [];
  /** A cache, because every period reads the behaviours. */
  private found = new WeakMap<object, Omit<Behaviour, 'model'>>();

  constructor(behaviours: Behaviour[]) {
    for (const behaviour of behaviours) this.set(behaviour);
  }

  set(behaviour: Behaviour): void {
    this.entries = this.entries.filter((entry) => entry.behaviour.model !== behaviour.model);
    this.entries.unshift({ pattern: globPattern(behaviour.model), behaviour });
    this.found = new WeakMap();
  }

  /** In the order in which they were set. */
  list(): Behaviour[] {
    return this.entries.map(({ behaviour }) => behaviour).reverse();
  }

  of(model: { readonly name: string; readonly image: string }): Omit<Behaviour, 'model'> {
    const known = this.found.get(model);
    if (known) return known;
    const entry = this.entries.find(({ pattern }) => pattern.test(model.name) || pattern.test(model.image));
    const found = { ...plain, ...entry?.behaviour };
    this.found.set(model, found);
    return found;
  }
}

/** Slices of users with one profile each. The shares add up to 1. */
export function slicesOf(behaviour: Omit<Behaviour, 'model'>, context: ConditionContext): Slice[] {
  if (!behaviour.when) return [{ share: 1, profile: behaviour }];
  const met = behaviour.when.filter((each) => isMet(each, context));
  const cuts = new Set([0, 1, ...met.flatMap(({ users }) => (users ? [users.from, users.to] : []))]);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index] ?? 0;
    return { share: to - from, profile: profileAt(behaviour, met, from) };
  });
}

/** The profile for the user at this position, from 0 to 1. */
export function profileFor(
  behaviour: Omit<Behaviour, 'model'>,
  context: ConditionContext,
  user: number,
): BehaviourProfile {
  const met = (behaviour.when ?? []).filter((each) => isMet(each, context));
  return profileAt(behaviour, met, user);
}

function profileAt(base: BehaviourProfile, met: Condition[], user: number): BehaviourProfile {
  const meant = met.filter(({ users }) => !users || (user >= users.from && user < users.to));
  return meant.reduce<BehaviourProfile>((profile, each) => ({ ...profile, ...each }), base);
}

function isMet(condition: Condition, { now, startedAt, load }: ConditionContext): boolean {
  const { hours } = condition;
  if (!isWithinSpan(condition, now, startedAt) || load < (condition.load ?? 0)) return false;
  if (!hours) return true;
  const hour = (now / hourMs) % 24;
  const [from, to] = hours;
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
