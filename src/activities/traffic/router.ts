import { UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Role, Weights } from '../../plan/compiled/names.js';
import { mutateAws } from '../aws/errors.js';
import type { RoleArm } from '../endpoint/arms.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { TrafficArm } from '../interface/traffic.js';
import type { SplitReader } from './split-reader.js';

/**
 * Requests changes of the split and of instance counts, and reads the result back. A change takes time to
 * become effective.
 */
export interface TrafficRouter {
  /** Requests the shares, in percent. */
  setWeights(weights: Weights): Promise<void>;
  /** Null if the endpoint does not exist. `needed`: the arms whose status counts. Default: all. */
  readWeights(needed?: RoleArm[]): Promise<EndpointObservation | null>;
  /** Requests the counts; only the first arm's, if SageMaker changes one variant at a time. */
  setCounts(counts: Partial<Record<Role, number>>): Promise<void>;
}

export interface RouterDeps {
  sagemaker: SageMakerClient;
  readSplit: SplitReader;
}

/** Requests the instance count of the arm's variant. Its weight stays. */
export async function requestInstanceCount(
  sagemaker: SageMakerClient,
  arm: TrafficArm,
  count: number,
): Promise<void> {
  const command = new UpdateEndpointWeightsAndCapacitiesCommand({
    EndpointName: arm.endpoint,
    DesiredWeightsAndCapacities: [{ VariantName: arm.variant, DesiredInstanceCount: count }],
  });
  await mutateAws((o) => sagemaker.send(command, o));
}
