/** The two models of a rollout, and the names of its SageMaker objects. */

/** `baseline`: the model that serves now. `candidate`: the new model. */
export type Role = 'baseline' | 'candidate';

/** Traffic shares in percent, summing to 100. */
export type Weights = Record<Role, number>;

/** Names of everything that a rollout makes; each within SageMaker's 63 characters. */
export interface Names {
  /** The candidate's own endpoint, in the topology `endpoints`, and its config. */
  candidateEndpoint: string;
  candidateConfig: string;
  /** Endpoint config with both variants. */
  sideBySideConfig: string;
  /** Endpoint config with the candidate as shadow variant. */
  shadowConfig: string;
  /** Endpoint config with one variant only. */
  singleConfig: Record<Role, string>;
  variant: Record<Role, string>;
}

/** Source: names derive from the rollout id alone, so a retry finds what an earlier attempt made. */
export function resourceNamesOf(rolloutId: string): Names {
  const key = rolloutId.slice(-8);
  return {
    candidateEndpoint: rolloutId,
    candidateConfig: `${rolloutId}-e`,
    sideBySideConfig: `${rolloutId}-ab`,
    shadowConfig: `${rolloutId}-s`,
    singleConfig: { baseline: `${rolloutId}-a`, candidate: `${rolloutId}-b` },
    variant: { baseline: `a-${key}`, candidate: `b-${key}` },
  };
}
