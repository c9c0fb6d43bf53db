import type { ScalingRule } from './endpoints/scaling-rule.js';
import type { Random } from '../account/random.js';
import { StaleReads } from './stale-reads.js';

/** What of the emulated SageMaker can be set, at the start and at run time. */
export interface SageMakerOptions {
  /**
   * Account-level limits in instances, by the service's own name for them, such as `ml.m5.large for endpoint usage`,
   * `ml.p3.2xlarge for training job usage`. What is not named is not limited.
   */
  instanceLimits?: Record<string, number>;
  /** Instances that the region can still provide, by instance type. What is not named is there in any number. */
  capacity?: Record<string, number>;
  /** For how long after a change reads may answer what was before; 0 unless given. */
  staleReadsMs?: number;
  /** Autoscaling that nobody told the caller of. */
  scaling?: ScalingRule[];
}

export class SageMakerSettings {
  readonly instanceLimits: Map<string, number>;
  readonly capacity: Map<string, number>;
  readonly staleReads: StaleReads;
  /** By endpoint in lower case and variant; see `scalingKey`. */
  readonly scaling = new Map<string, { rule: ScalingRule; dueAt: number; scaledAt: number }>();

  constructor(
    readonly options: SageMakerOptions,
    random: Random,
  ) {
    this.instanceLimits = new Map(Object.entries(options.instanceLimits ?? {}));
    this.capacity = new Map(Object.entries(options.capacity ?? {}));
    this.staleReads = new StaleReads(options.staleReadsMs ?? 0, () => random.uniform());
  }
}
