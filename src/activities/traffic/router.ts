import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Role, Weights } from '../../plan/compiled/role.js';
import type { RoleArm } from '../endpoint/arms.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { SplitReader } from './split-reader.js';

/** How traffic is divided: what is asked for, and what is read back. A change takes a while to show. */
export interface TrafficRouter {
  /** Asks for the shares, in percent. */
  setWeights(weights: Weights): Promise<void>;
  /** Null where there is no such endpoint. The status is that of the arms that are needed: all of them unless given. */
  readWeights(needed?: RoleArm[]): Promise<EndpointObservation | null>;
  /** Asks for as many instances, or for one of the arms first where only one can change at a time. */
  setCounts(counts: Partial<Record<Role, number>>): Promise<void>;
}

export interface RouterDeps {
  sagemaker: SageMakerClient;
  readSplit: SplitReader;
}
