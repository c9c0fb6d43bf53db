import { UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { changeAws } from '../aws/errors.js';
import type { Arm } from '../interface/traffic.js';

/** Asks for as many instances of the arm's variant; its weight stays. */
export async function requestCount(sagemaker: SageMakerClient, arm: Arm, count: number): Promise<void> {
  const command = new UpdateEndpointWeightsAndCapacitiesCommand({
    EndpointName: arm.endpoint,
    DesiredWeightsAndCapacities: [{ VariantName: arm.variant, DesiredInstanceCount: count }],
  });
  await changeAws((o) => sagemaker.send(command, o));
}
