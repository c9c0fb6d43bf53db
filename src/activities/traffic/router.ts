import { UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Role, Weights } from '../../plan/compiled/names.js';
import { mutateAws } from '../aws/errors.js';
import type { RoleArm } from '../endpoint/arms.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { TrafficArm } from '../interface/traffic.js';
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

/** Asks for as many instances of the arm's variant; its weight stays. */
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
