import { UpdateEndpointWeightsAndCapacitiesCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { callAws } from './aws-errors.js';
import { observe } from './endpoint.js';
import { refusal } from './failures.js';
import type { EndpointObservation, RolloutActivities } from './interface.js';
import { firstDelay, handedOn, watching } from './watching.js';
import { isSameWeight, isSettled } from './weights.js';

/** How traffic is divided: what is asked for, and what is read back. A change takes a while to show. */
export interface TrafficRouter {
  /** Asks for the weights, by variant name. */
  setWeights(weights: Record<string, number>): Promise<void>;
  /** Null where there is no such endpoint. */
  readWeights(): Promise<EndpointObservation | null>;
}

/** Topology `variants`: one endpoint, two production variants. One call changes both weights. */
export function createVariantRouter(sagemaker: SageMakerClient, endpoint: string): TrafficRouter {
  return {
    async setWeights(weights) {
      const command = new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: Object.entries(weights).map(([VariantName, DesiredWeight]) => ({
          VariantName,
          DesiredWeight,
        })),
      });
      await callAws((o) => sagemaker.send(command, o));
    },
    readWeights: () => observe(sagemaker, endpoint),
  };
}

type SetWeights = Parameters<RolloutActivities['setWeights']>[0];

export function createTraffic(
  sagemaker: SageMakerClient,
  lookSeconds: number,
): Pick<RolloutActivities, 'setWeights'> {
  return {
    async setWeights(wish) {
      const router = createVariantRouter(sagemaker, wish.endpoint);
      const seen = await router.readWeights();
      if (seen === null) throw refusal('EndpointGone', `endpoint ${wish.endpoint} no longer exists`);
      requireSteerable(seen, wish);
      const text = `endpoint ${wish.endpoint}: ${describeWeights(wish.weights)}`;
      const asked = handedOn<{ asked: number }>()?.asked ?? 0;
      if (seen.status !== 'InService') {
        return watching(`${text} to be set; it is ${seen.status}`, lookSeconds, { asked });
      }
      if (!isWished(seen, wish)) {
        await router.setWeights(wish.weights);
        const again = asked === 0 ? '' : ` (time ${asked + 1})`;
        return watching(`${text} asked for${again}`, firstDelay(lookSeconds), { asked: asked + 1 });
      }
      if (!seen.variants.every(isSettled)) return watching(`${text} on its way`, lookSeconds, { asked });
      return seen;
    },
  };
}

/** Weights belong to a config and its variants: on another one they would mean something else. */
function requireSteerable(seen: EndpointObservation, { endpoint, configName, weights }: SetWeights): void {
  if (seen.status === 'Failed' || seen.status === 'OutOfService' || seen.status === 'UpdateRollbackFailed') {
    throw refusal(
      'EndpointFailed',
      `endpoint ${endpoint} is ${seen.status}: ${seen.failureReason ?? 'no reason'}`,
    );
  }
  if (seen.status === 'Deleting') throw refusal('EndpointGone', `endpoint ${endpoint} is being deleted`);
  if (seen.configName !== configName) {
    throw refusal('Drift', `endpoint ${endpoint} is on config ${seen.configName}, not on ${configName}`);
  }
  if (seen.status !== 'InService') return;
  const names = seen.variants.map((variant) => variant.name).sort();
  const wished = Object.keys(weights).sort();
  if (names.join() !== wished.join()) {
    throw refusal('Drift', `endpoint ${endpoint} has variants ${names.join(', ')}, not ${wished.join(', ')}`);
  }
}

function isWished(seen: EndpointObservation, { weights }: SetWeights): boolean {
  return seen.variants.every(({ name, desiredWeight }) => isSameWeight(desiredWeight, weights[name] ?? NaN));
}

function describeWeights(weights: Record<string, number>): string {
  return Object.entries(weights)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(', ');
}
