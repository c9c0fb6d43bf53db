import { UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { armsOf } from '../endpoint/arms.js';
import { mutateAws } from '../aws/errors.js';
import { observe } from '../endpoint/endpoint.js';
import type { ArmTraffic } from '../interface/traffic.js';
import { requestInstanceCount, type TrafficRouter } from './router.js';

/**
 * Topology `variants`: the weights of one endpoint divide the traffic. One call changes the weights of both arms; variants that
 * it does not name keep theirs.
 */
export function createVariantsRouter(sagemaker: SageMakerClient, traffic: ArmTraffic): TrafficRouter {
  const { endpoint } = traffic.arms.candidate;
  const { pairWeight } = traffic.others ?? { pairWeight: 100 };
  return {
    async setWeights(weights) {
      const serving = armsOf(traffic).filter(({ arm }) => !arm.shadow);
      const command = new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: serving.map(({ role, arm }) => ({
          VariantName: arm.variant,
          DesiredWeight: (weights[role] * pairWeight) / 100,
        })),
      });
      await mutateAws((o) => sagemaker.send(command, o));
    },
    readWeights: () => observe(sagemaker, endpoint),
    async setCounts(counts) {
      // SageMaker changes the count of one variant at a time.
      const next = armsOf(traffic).find(({ role }) => counts[role] !== undefined);
      const count = next && counts[next.role];
      if (next && count !== undefined) await requestInstanceCount(sagemaker, next.arm, count);
    },
  };
}
