import type { UpdateEndpointWeightsAndCapacitiesInput } from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import { plannedOutcomeOf, requireChangeable } from './changes.js';
import type { Endpoint, Variant } from './endpoint-state.js';
import { findEndpoint } from './endpoints.js';
import { everyVariant } from './fleets.js';
import { type VariantTarget, startRescaling } from './rescaling.js';
import { type InstanceCounts, refuseForLimit, requireWithinLimits } from '../service-limits.js';
import { startSystemUpdate } from './system-updates.js';
import { requireConcurrency } from './variant-rules.js';

const updateEndpointWeightsAndCapacities = operation(
  'UpdateEndpointWeightsAndCapacities',
  modelled<UpdateEndpointWeightsAndCapacitiesInput>(),
  (request, { account, fault }) => {
    const endpoint = findEndpoint(account, request.EndpointName);
    if (fault === 'systemUpdating') startSystemUpdate(account, endpoint);
    requireChangeable(account, endpoint, ['InService']);
    requireDistinct(request.DesiredWeightsAndCapacities);
    const targets = request.DesiredWeightsAndCapacities.map((desired) => targetOf(endpoint, desired));
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

type Desired = Validated<UpdateEndpointWeightsAndCapacitiesInput>['DesiredWeightsAndCapacities'][number];

/** The words are those of moto's test_update_endpoint_weights_and_capacities. */
function requireDistinct(desired: Desired[]): void {
  const names = desired.map(({ VariantName }) => VariantName);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw validationError(`The variant name "${twice}" was non-unique within the request.`);
  }
}

function targetOf(endpoint: Endpoint, desired: Desired): VariantTarget {
  const variant = findVariant(endpoint, desired.VariantName);
  const { DesiredWeight: weight, DesiredInstanceCount: count, ServerlessUpdateConfig: update } = desired;
  if (variant.serverless) {
    if (weight !== undefined || count !== undefined) {
      throw validationError(
        `The weight and the instance count of the serverless variant "${variant.name}" of endpoint "${endpoint.arn}" cannot be updated; use ServerlessUpdateConfig.`,
      );
    }
    const serverless = update && { ...variant.serverless, ...update };
    if (serverless) requireConcurrency(variant.name, serverless);
    return { variant, weight, count, serverless };
  }
  if (update) {
    throw validationError(
      `ServerlessUpdateConfig is for serverless variants; variant "${variant.name}" of endpoint "${endpoint.arn}" has instances.`,
    );
  }
  if (count === 0) refuseZero(endpoint, variant);
  return { variant, weight, count };
}

/**
 * AWS's developer guide, endpoint-auto-scaling-zero-instances: only endpoints of inference components scale to zero. Its
 * page async-inference-autoscale says the same of asynchronous endpoints.
 */
function refuseZero({ arn, config }: Endpoint, { name }: Variant): void {
  if (config.request.AsyncInferenceConfig) return;
  throw validationError(
    `DesiredInstanceCount of variant "${name}" of endpoint "${arn}" must be at least 1: only endpoints with inference components or asynchronous inference scale to zero.`,
  );
}

function findVariant(endpoint: Endpoint, name: string): Variant {
  const variant = everyVariant(endpoint).find((each) => each.name === name);
  if (variant) return variant;
  throw validationError(
    `The variant name(s) "${name}" is/are not present within endpoint configuration "${endpoint.config.name}".`,
  );
}
