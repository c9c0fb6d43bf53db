/** The acts of a rollout. */
import type { Gate } from './gate.js';
import type { Weights } from './names.js';

/**
 * What the executor does, one after another. Every strategy compiles to these; a stage is what people
 * count ("step 2 of 4"): the weights of one share and what follows until the next. Stage 0 comes before any of them.
 */
export type Step =
  | { kind: 'deploy'; stage: number; arrangement: DeploymentShape }
  | { kind: 'validate'; stage: number }
  | { kind: 'setWeights'; stage: number; weights: Weights }
  | { kind: 'bake'; stage: number; seconds: number }
  | { kind: 'gate'; stage: number; gate: Gate }
  | Experiment;

/**
 * What is up. `beside`: both models, the candidate without traffic. `shadow`: the candidate gets copies of the baseline's
 * requests and answers nobody. `alone`: the candidate, where nothing served before.
 */
export type DeploymentShape =
  { kind: 'sideBySide' } | { kind: 'shadow'; mirrorPercent: number } | { kind: 'candidateOnly' };

/** Watches until the goals decide, at the earliest after `minimumSeconds`; after `maximumSeconds` it is inconclusive. */
export interface Experiment {
  kind: 'experiment';
  stage: number;
  minimumSeconds: number;
  maximumSeconds: number;
  /** Moves the split towards the better arm as it learns; null: the split stays. */
  adapt: Adaptation | null;
}

/** A bandit's bounds. Shares in percent points of the candidate's share. */
export interface Adaptation {
  everySeconds: number;
  floor: number;
  cap: number;
  maxStep: number;
}
