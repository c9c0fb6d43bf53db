/** The arms that share the traffic, and external changes to them. */
import type { Topology } from '../../plan/compiled/plan.js';
import type { OtherVariants } from './other-variants.js';
import type { Weights } from '../../plan/compiled/names.js';

/**
 * The endpoint and variant of one role. `configName`: the config that its endpoint must be on; any other one is
 * drift.
 */
export interface TrafficArm {
  endpoint: string;
  variant: string;
  configName: string;
  /** Receives copies of requests and does not serve users. It has no weight. */
  shadow: boolean;
}

/**
 * The arms that share the traffic, and the topology that divides it. `baseline: null`: the candidate is alone.
 * `others`: the endpoint's other variants, which keep their weights. Absent: there are none.
 */
export interface ArmTraffic {
  topology: Topology;
  arms: { baseline: TrafficArm | null; candidate: TrafficArm };
  others?: OtherVariants;
}

/**
 * An external change.
 *
 * - `weights`: only the shares differ, and the change is complete.
 * - `config`: another config or other variants.
 * - `ownership`: an object that the rollout created is deleted, or its tags no longer name the rollout.
 * - `inProgress`: a change is in progress.
 * - `unhealthy`: the endpoint is not healthy.
 * - `missing`: the endpoint does not exist.
 */
export interface Drift {
  kind: 'weights' | 'config' | 'ownership' | 'inProgress' | 'unhealthy' | 'missing';
  message: string;
  /** The current shares. Set for `weights` only; null if no variant has any weight. */
  weights: Weights | null;
}
