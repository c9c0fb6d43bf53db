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
  (request, { account, fault }) => {
    const endpoint = findEndpoint(account, request.EndpointName);
    if (fault === 'systemUpdating') startSystemUpdate(account, endpoint);
    requireChangeable(account, endpoint, ['InService']);
    const targets = request.DesiredWeightsAndCapacities.map((desired): VariantTarget => ({
      variant: findVariant(endpoint, desired.VariantName),
      weight: desired.DesiredWeight,
      count: desired.DesiredInstanceCount,
    }));
    const added = addedInstances(targets);
    if (fault === 'quota') refuseForLimit(account, 'endpoint usage', added);
    requireWithinLimits(account, 'endpoint usage', added);
    startRescaling(account, endpoint, targets, plannedOutcomeOf(fault));
    return { EndpointArn: endpoint.arn };
  },
);

export const weightOperations = [updateEndpointWeightsAndCapacities];

/** The instances that the targets add. Only the count of one variant may change. */
function addedInstances(targets: VariantTarget[]): InstanceCounts {
  const resized = targets.filter(
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
