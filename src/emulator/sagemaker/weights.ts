import { z } from 'zod';
import { operation } from '../http/operation.js';
import { validationError } from '../http/service-error.js';
import type { Endpoint, Variant } from '../world/resources.js';
import { requireChangeable } from './deployments.js';
import { findEndpoint, setStatus } from './endpoints.js';
import { anyName, entityName } from './names.js';

const desired = z.object({
  VariantName: entityName,
  DesiredWeight: z.number().min(0).optional(),
  DesiredInstanceCount: z.int().min(0).optional(),
});

const updateEndpointWeightsAndCapacities = operation(
  'UpdateEndpointWeightsAndCapacities',
  z.looseObject({ EndpointName: anyName, DesiredWeightsAndCapacities: z.array(desired).min(1) }),
  (request, { world }) => {
    const endpoint = findEndpoint(world, request.EndpointName);
    requireChangeable(world, endpoint);
    const changes = request.DesiredWeightsAndCapacities.map((wish) => ({
      wish,
      variant: findVariant(endpoint, wish.VariantName),
    }));
    const resized = changes.filter(
      ({ wish, variant }) => (wish.DesiredInstanceCount ?? variant.desiredCount) !== variant.desiredCount,
    );
    if (resized.length > 1) {
      throw validationError('The instance count can be changed for one production variant at a time.');
    }
    for (const { wish, variant } of changes) {
      variant.desiredWeight = wish.DesiredWeight ?? variant.desiredWeight;
      variant.desiredCount = wish.DesiredInstanceCount ?? variant.desiredCount;
    }
    setStatus(world, endpoint, 'Updating');
    world.after(world.pace.drawMs('shifting'), null, () => {
      endpoint.meter?.catchUp();
      for (const variant of endpoint.variants) {
        variant.currentWeight = variant.desiredWeight;
        variant.currentCount = variant.desiredCount;
      }
      setStatus(world, endpoint, 'InService');
    });
    return { EndpointArn: endpoint.arn };
  },
);

export const weightOperations = [updateEndpointWeightsAndCapacities];

function findVariant(endpoint: Endpoint, name: string): Variant {
  const variant = endpoint.variants.find((each) => each.name === name);
  if (!variant) throw validationError(`Could not find variant "${name}" in endpoint "${endpoint.arn}".`);
  return variant;
}
