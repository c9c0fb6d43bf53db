/** Whom the traffic is divided between, and how others may have changed that. */
import type { Topology } from '../../plan/compiled/plan.js';
import type { Weights } from '../../plan/compiled/names.js';

/** Where one role is. `configName`: the config that its endpoint must be on; anything else is drift. */
export interface TrafficArm {
  endpoint: string;
  variant: string;
  configName: string;
  /** Gets copies, and answers nobody: it has no weight. */
  shadow: boolean;
}

/** Whom the traffic is divided between, and by what. No baseline: the candidate is alone. */
export interface ArmTraffic {
  topology: Topology;
  arms: { baseline: TrafficArm | null; candidate: TrafficArm };
}

/**
 * Someone else's change. `weights`: only the shares differ, by a change that is over. `config`: another config or other
 * variants. `ownership`: what the rollout made is deleted, or no longer says whose it is. `underWay`: a change is being
 * made. `trouble`: the endpoint is not well. `gone`: it does not exist.
 */
export interface Drift {
  kind: 'weights' | 'config' | 'ownership' | 'inProgress' | 'unhealthy' | 'missing';
  message: string;
  /** The shares as they are now; set for `weights` only, and null where nobody has any. */
  weights: Weights | null;
}
