/** The steps of a rollout. */
import type { Gate } from './gate.js';
import type { Weights } from './names.js';

/**
 * The workflow executes the steps one after another. Every strategy compiles to these steps. People count stages
 * ("step 2 of 4"): a stage is the change to one share and the steps after it until the next share. Stage 0 prepares.
 */
export type Step =
  | { kind: 'deploy'; stage: number; arrangement: DeploymentShape }
  | { kind: 'validate'; stage: number }
  | { kind: 'setWeights'; stage: number; weights: Weights }
  | { kind: 'bake'; stage: number; seconds: number }
  | { kind: 'gate'; stage: number; gate: Gate }
  | Experiment;

/**
 * The models on the endpoint. `sideBySide`: both models; the candidate has no traffic. `shadow`: the candidate gets
 * copies of the baseline's requests and does not serve users. `candidateOnly`: a first deployment.
 */
export type DeploymentShape =
  { kind: 'sideBySide' } | { kind: 'shadow'; mirrorPercent: number } | { kind: 'candidateOnly' };

/**
 * Runs until the goals decide, at least for `minimumSeconds`. After `maximumSeconds` the experiment is inconclusive.
 */
export interface Experiment {
  kind: 'experiment';
  stage: number;
  minimumSeconds: number;
  maximumSeconds: number;
  /** Bandit: how the split moves towards the better arm. Null: the split does not change. */
  adapt: Adaptation | null;
}

/** A bandit's bounds. Shares in percent points of the candidate's share. */
export interface Adaptation {
  everySeconds: number;
  floor: number;
  cap: number;
  maxStep: number;
}
