import type { ScalingRule } from '../application-auto-scaling/scaling-rule.js';
import type { Random } from '../account/random.js';
import { StaleReads } from './stale-reads.js';

/** Settings of the emulated SageMaker, at the start and at run time. */
export interface SageMakerOptions {
  /**
   * Account-level limits in instances, by the service's own name for them, such as `ml.m5.large for endpoint usage`,
   * `ml.p3.2xlarge for training job usage`. Types that are not listed are unlimited.
   */
  instanceLimits?: Record<string, number>;
  /** Instances that the region can still provide, by instance type. Types that are not listed are unlimited. */
  capacity?: Record<string, number>;
  /** Max time after a change for which reads can return the previous state. Default: 0. */
  staleReadsMs?: number;
  /** Autoscaling of variants, from the creation of their endpoint on. */
  scaling?: ScalingRule[];
}

export class SageMakerSettings {
  readonly instanceLimits: Map<string, number>;
  readonly capacity: Map<string, number>;
  readonly staleReads: StaleReads;

  constructor(
    readonly options: SageMakerOptions,
    random: Random,
  ) {
    this.instanceLimits = new Map(Object.entries(options.instanceLimits ?? {}));
    this.capacity = new Map(Object.entries(options.capacity ?? {}));
    this.staleReads = new StaleReads(options.staleReadsMs ?? 0, () => random.uniform());
  }
}
