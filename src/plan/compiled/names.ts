/** The two models of a rollout, and the names of its SageMaker objects. */

/** `baseline`: the model that serves now. `candidate`: the new model. */
export type Role = 'baseline' | 'candidate';

/** Traffic shares in percent, summing to 100. */
export type Weights = Record<Role, number>;

/** Names of all SageMaker objects that a rollout creates, each at most 63 characters long. */
export interface Names {
  /** The candidate's own endpoint (topology `endpoints`) and its config. */
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

/** Names depend only on the rollout id, so a retry finds the objects of an earlier attempt. */
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
