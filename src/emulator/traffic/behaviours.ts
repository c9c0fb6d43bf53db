import { globPattern } from '../account/globs.js';
import { isWithinSpan, type InstantSpan } from '../account/instants.js';
import type { Quantiles } from './latency-shape.js';

/** What becomes of requests. Rates are fractions from 0 to 1 of all requests; the errors exclude one another. */
export interface BehaviourProfile {
  /** The container answers 500: counts in Invocation5XXErrors and InvocationModelErrors. */
  errorRate?: number;
  /** The container answers 400: counts in Invocation4XXErrors and InvocationModelErrors. */
  clientErrorRate?: number;
  /** The container breaks the connection: counts in InvocationModelErrors alone. */
  modelErrorRate?: number;
  latencyMs?: Quantiles;
  /** Of the people whose request went well. */
  conversionRate?: number;
}

/** When the conduct is another one: all that is given must hold. */
export interface Condition extends BehaviourProfile, InstantSpan {
  /** From the first hour of the day (UTC) to the second, which is no longer in it; may go past midnight. */
  hours?: [from: number, to: number];
  /** At this load or above: requests a second for each instance. */
  load?: number;
  /** Users are spread evenly from 0 to 1, and each stays where he is; these are the ones from here to there. */
  users?: { from: number; to: number };
}

/** Of each request's own metric, put beside the invocation metrics under the same dimensions. */
export interface ConversionMetric {
  namespace: string;
  /** 1 for each conversion, 0 for each other request. */
  name: string;
  /** 1 for each request. */
  per: string;
}

/** How a simulated model behaves. */
export interface Behaviour extends BehaviourProfile {
  /** Model name or serving image (`simulated/NAME`); `*` stands for any characters. */
  model: string;
  /** Server errors come in bursts of so many on average; 1 unless given: each on its own. */
  errorBurst?: number;
  conversionMetric?: ConversionMetric;
  /** Later ones go before earlier ones. */
  when?: Condition[];
  /** JSON answer to a real request. */
  response?: unknown;
}

/** What a circumstance may ask for. */
export interface ConditionContext {
  /** Epoch ms. */
  now: number;
  startedAt: number;
  /** Requests a second for each instance. */
  load: number;
}

export interface Slice {
  /** Fraction of the users. */
  share: number;
  conduct: BehaviourProfile;
}

const plain: Omit<Behaviour, 'model'> = { latencyMs: { p50: 20, p99: 60 } };
const hourMs = 3_600_000;

/** Behaviours by pattern; the one set last wins where several match. */
export class Behaviours {
  private entries: { pattern: RegExp; behaviour: Behaviour }[] = [];
  /** Every period asks again. */
  private found = new WeakMap<object, Omit<Behaviour, 'model'>>();

  constructor(behaviours: Behaviour[]) {
    for (const behaviour of behaviours) this.set(behaviour);
  }

  set(behaviour: Behaviour): void {
    this.entries = this.entries.filter((entry) => entry.behaviour.model !== behaviour.model);
    this.entries.unshift({ pattern: globPattern(behaviour.model), behaviour });
    this.found = new WeakMap();
  }

  /** Those set first come first. */
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

/** The users, cut wherever their conduct may differ; the shares add up to 1. */
export function slicesOf(behaviour: Omit<Behaviour, 'model'>, situation: ConditionContext): Slice[] {
  if (!behaviour.when) return [{ share: 1, conduct: behaviour }];
  const holding = behaviour.when.filter((each) => holds(each, situation));
  const cuts = new Set([0, 1, ...holding.flatMap(({ users }) => (users ? [users.from, users.to] : []))]);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index] ?? 0;
    return { share: to - from, conduct: conductAt(behaviour, holding, from) };
  });
}

/** The conduct towards the user at this place among all users. */
export function profileFor(
  behaviour: Omit<Behaviour, 'model'>,
  situation: ConditionContext,
  user: number,
): BehaviourProfile {
  const holding = (behaviour.when ?? []).filter((each) => holds(each, situation));
  return conductAt(behaviour, holding, user);
}

function conductAt(base: BehaviourProfile, holding: Condition[], user: number): BehaviourProfile {
  const meant = holding.filter(({ users }) => !users || (user >= users.from && user < users.to));
  return meant.reduce<BehaviourProfile>((conduct, each) => ({ ...conduct, ...each }), base);
}

function holds(circumstance: Condition, { now, startedAt, load }: ConditionContext): boolean {
  const { hours } = circumstance;
  if (!isWithinSpan(circumstance, now, startedAt) || load < (circumstance.load ?? 0)) return false;
  if (!hours) return true;
  const hour = (now / hourMs) % 24;
  const [from, to] = hours;
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
