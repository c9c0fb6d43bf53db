import { UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { mutateAws } from '../aws/errors.js';
import type { TrafficArm } from '../interface/traffic.js';

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
