import type { UpdateEndpointWeightsAndCapacitiesInput } from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import { plannedOutcomeOf, requireChangeable } from './changes.js';
import type { Endpoint, Variant } from './endpoint-state.js';
import { findEndpoint } from './endpoints.js';
import { everyVariant } from './fleets.js';
import { type VariantTarget, startRescaling } from './rescaling.js';
import { type InstanceCounts, refuseForLimit, requireWithinLimits } from '../service-limits.js';
import { startSystemUpdate } from './system-updates.js';

const updateEndpointWeightsAndCapacities = operation(
  'UpdateEndpointWeightsAndCapacities',
  modelled<UpdateEndpointWeightsAndCapacitiesInput>(),
  (request, { world, fault }) => {
    const endpoint = findEndpoint(world, request.EndpointName);
    if (fault === 'systemUpdating') startSystemUpdate(world, endpoint);
    requireChangeable(world, endpoint, ['InService']);
    const wishes = request.DesiredWeightsAndCapacities.map((wish): VariantTarget => ({
      variant: findVariant(endpoint, wish.VariantName),
      weight: wish.DesiredWeight,
      count: wish.DesiredInstanceCount,
    }));
    const added = addedInstances(wishes);
    if (fault === 'quota') refuseForLimit(world, 'endpoint usage', added);
    requireWithinLimits(world, 'endpoint usage', added);
    startRescaling(world, endpoint, wishes, plannedOutcomeOf(fault));
    return { EndpointArn: endpoint.arn };
  },
);

export const weightOperations = [updateEndpointWeightsAndCapacities];

/** The instances that the wishes add; only one variant's count may change. */
function addedInstances(wishes: VariantTarget[]): InstanceCounts {
  const resized = wishes.filter(
    ({ variant, count = variant.desiredCount }) => count !== variant.desiredCount,
  );
  if (resized.length > 1) {
    throw validationError('The instance count can be changed for one production variant at a time.');
  }
  return new Map(
    resized.flatMap(({ variant, count = 0 }) =>
      variant.instanceType === undefined ? [] : [[variant.instanceType, count - variant.desiredCount]],
    ),
  );
}

function findVariant(endpoint: Endpoint, name: string): Variant {
  const variant = everyVariant(endpoint).find((each) => each.name === name);
  if (!variant) {
    throw validationError(
      `The variant name(s) "${name}" is/are not present within endpoint configuration "${endpoint.config.name}".`,
    );
  }
  if (variant.serverless) {
    throw validationError(
      `Weights and capacities of the serverless variant "${name}" of endpoint "${endpoint.arn}" cannot be updated.`,
    );
  }
  return variant;
}
