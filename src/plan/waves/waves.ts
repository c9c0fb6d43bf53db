/** The compiled plan of a rollout in waves. Plain JSON; no I/O, no clock. Durations in whole seconds. */

export interface WavesPlan {
  /** Increased when this release can no longer execute the plans of an earlier release. */
  version: 1;
  /** In lower case. */
  name: string;
  /** The strategy of every endpoint's rollout. Shown to people only, as in Plan. */
  strategy: string;
  waves: Wave[];
  pauseSeconds: number;
  /** No further wave begins after this many rollouts ended without promotion. */
  stopAfter: number;
  onFailure: OnFailure;
  /** The waves choose a version of this group once, for every rollout. Null: the spec names the candidate. */
  group: string | null;
}

/**
 * `taskQueue`: queue of the workers with access to them. Null: the queue of the waves.
 */
export interface Wave {
  endpoints: string[];
  taskQueue: string | null;
}

/**
 * Reaction after the waves have stopped. `keep`: promoted endpoints stay. `rollBack`: they are undone if their window
 * is open.
 */
export const onFailures = ['keep', 'rollBack'] as const;
export type OnFailure = (typeof onFailures)[number];

/**
 * The argument of a rollout in waves, instead of a spec. `version`: ARN of the model package version that the waves have
 * chosen; absent if the spec names the candidate. The rollout's worker reads the spec of the waves in the first
 * event of their run: the history of the waves has no room for a copy for each endpoint.
 */
export interface SpecInWaves {
  endpoint: string;
  specIn: { workflowId: string; runId: string };
  version?: string;
}

export function isSpecInWaves(json: unknown): json is SpecInWaves {
  if (typeof json !== 'object' || json === null || !('specIn' in json) || !('endpoint' in json)) return false;
  const { endpoint, specIn } = json;
  if (typeof endpoint !== 'string' || typeof specIn !== 'object' || specIn === null) return false;
  const { workflowId, runId } = specIn as Record<string, unknown>;
  return typeof workflowId === 'string' && typeof runId === 'string';
}

/** Fields that a spec of waves has instead of `endpoint`. */
export const wavesFields = ['name', 'waves', 'pauseBetween', 'stopAfter', 'onFailure'] as const;

/** Placeholder in alarm names. It is replaced by the name of each endpoint. */
const endpointPlaceholder = '{endpoint}';

/** The rollout spec of one endpoint. `spec`: a valid spec of waves. */
export function rolloutSpecOf(spec: object, endpoint: string): Record<string, unknown> {
  const shared = Object.entries(spec).filter(
    ([field]) => !wavesFields.some((wavesField) => wavesField === field),
  );
  const { guardrails, ...rest } = Object.fromEntries(shared) as Record<string, unknown>;
  return {
    ...rest,
    endpoint,
    ...(Array.isArray(guardrails)
      ? { guardrails: guardrails.map((rule: unknown) => fillEndpoint(rule, endpoint)) }
      : {}),
  };
}

/** The spec with the version that was chosen for all rollouts. `spec`: a valid spec. */
export function withChosenVersion(spec: Record<string, unknown>, version: string): Record<string, unknown> {
  const { candidate, ...models } = spec['models'] as { candidate: object };
  const others = Object.entries(candidate).filter(([field]) => field !== 'group' && field !== 'approved');
  return {
    ...spec,
    models: { ...models, candidate: { ...Object.fromEntries(others), package: version } },
  };
}

function fillEndpoint(rule: unknown, endpoint: string): unknown {
  if (typeof rule !== 'object' || rule === null || !('alarm' in rule)) return rule;
  return typeof rule.alarm === 'string'
    ? { ...rule, alarm: rule.alarm.replaceAll(endpointPlaceholder, endpoint) }
    : rule;
}
