/** What a rollout in waves will do. Frozen as a plan is: plain JSON; no I/O, no clock. Durations in whole seconds. */

export interface WavesPlan {
  /** Raised when a plan of an earlier release can no longer be executed as it is. */
  version: 1;
  /** In lower case. */
  name: string;
  /** Of every endpoint's rollout; for people only, as in Plan. */
  strategy: string;
  waves: Wave[];
  pauseSeconds: number;
  /** So many rollouts that end other than promoted, and no further wave begins. */
  stopAfter: number;
  onFailure: OnFailure;
}

/** Endpoint names in lower case. `taskQueue`: of the workers that have access to them; null: as the waves themselves. */
export interface Wave {
  endpoints: string[];
  taskQueue: string | null;
}

/** Once the waves are stopped. `keep`: what is promoted stays. `rollBack`: it is undone where its window is still open. */
export const onFailures = ['keep', 'rollBack'] as const;
export type OnFailure = (typeof onFailures)[number];

/** Fields that a spec of waves has instead of `endpoint`. */
export const wavesFields = ['name', 'waves', 'pauseBetween', 'stopAfter', 'onFailure'] as const;

/** The name of each endpoint stands for this in the names of alarms: they differ from endpoint to endpoint. */
const endpointPlace = '{endpoint}';

/** One endpoint's own rollout spec. `spec`: of waves, and valid. */
export function rolloutSpecOf(spec: object, endpoint: string): Record<string, unknown> {
  const shared = Object.entries(spec).filter(([field]) => !wavesFields.some((own) => own === field));
  const { guardrails, ...rest } = Object.fromEntries(shared) as Record<string, unknown>;
  return {
    ...rest,
    endpoint,
    ...(Array.isArray(guardrails)
      ? { guardrails: guardrails.map((rule: unknown) => ofEndpoint(rule, endpoint)) }
      : {}),
  };
}

function ofEndpoint(rule: unknown, endpoint: string): unknown {
  if (typeof rule !== 'object' || rule === null || !('alarm' in rule)) return rule;
  return typeof rule.alarm === 'string'
    ? { ...rule, alarm: rule.alarm.replaceAll(endpointPlace, endpoint) }
    : rule;
}
