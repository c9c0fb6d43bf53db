import type { EndpointStatus } from '../world/resources.js';
import type { DescribeEndpointOutput, ListEndpointsOutput } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { operation } from '../http/operation.js';
import { validationError } from '../http/service-error.js';
import type { Endpoint, Variant } from '../world/resources.js';
import type { World } from '../world/world.js';
import { anyName } from './names.js';
import { listRequest, page } from './paging.js';

const byName = z.object({ EndpointName: anyName });

const describeEndpoint = operation(
  'DescribeEndpoint',
  byName,
  (request, { world }): DescribeEndpointOutput => {
    const endpoint = findEndpoint(world, request.EndpointName);
    return {
      EndpointName: endpoint.name,
      EndpointArn: endpoint.arn,
      EndpointConfigName: endpoint.config.name,
      EndpointStatus: endpoint.status,
      FailureReason: endpoint.failureReason,
      CreationTime: new Date(endpoint.createdAt),
      LastModifiedTime: new Date(endpoint.modifiedAt),
      ...(endpoint.variants.length > 0 ? { ProductionVariants: endpoint.variants.map(describeVariant) } : {}),
      ...(endpoint.pending ? { PendingDeploymentSummary: describePending(endpoint.pending) } : {}),
    };
  },
);

const deleteEndpoint = operation('DeleteEndpoint', byName, (request, { world }) => {
  const endpoint = findEndpoint(world, request.EndpointName);
  if (endpoint.status !== 'InService' && endpoint.status !== 'Failed') {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  endpoint.meter?.catchUp();
  setStatus(world, endpoint, 'Deleting');
  world.after(world.pace.drawMs('deleting'), null, () => {
    world.endpoints.delete(endpoint.name.toLowerCase());
    world.tags.delete(endpoint.arn);
    stopServing(endpoint.variants);
  });
  return {};
});

const listEndpointsRequest = listRequest.extend({ StatusEquals: z.string().optional() });

const listEndpoints = operation(
  'ListEndpoints',
  listEndpointsRequest,
  (request, { world }): ListEndpointsOutput => {
    const wanted = request.StatusEquals;
    const all = [...world.endpoints.values()].filter(
      (each) => wanted === undefined || each.status === wanted,
    );
    const { items, ...token } = page(request, all);
    const Endpoints = items.map((endpoint) => ({
      EndpointName: endpoint.name,
      EndpointArn: endpoint.arn,
      EndpointStatus: endpoint.status,
      CreationTime: new Date(endpoint.createdAt),
      LastModifiedTime: new Date(endpoint.modifiedAt),
    }));
    return { Endpoints, ...token };
  },
);

export const endpointOperations = [describeEndpoint, deleteEndpoint, listEndpoints];

/** Endpoint names are case-insensitive. Fails as the service does where there is no such endpoint. */
export function findEndpoint(world: World, name: string): Endpoint {
  const endpoint = world.endpoints.get(name.toLowerCase());
  if (!endpoint) throw validationError(`Could not find endpoint "${world.arn('endpoint', name)}".`);
  return endpoint;
}

export function setStatus(world: World, endpoint: Endpoint, status: EndpointStatus): void {
  endpoint.status = status;
  endpoint.modifiedAt = world.time;
}

export function stopServing(variants: Variant[]): void {
  for (const variant of variants) void variant.serving?.stop();
}

function describeVariant(variant: Variant) {
  return {
    VariantName: variant.name,
    DeployedImages: [{ SpecifiedImage: variant.model.image, ResolvedImage: variant.model.image }],
    CurrentWeight: variant.currentWeight,
    DesiredWeight: variant.desiredWeight,
    CurrentInstanceCount: variant.currentCount,
    DesiredInstanceCount: variant.desiredCount,
  };
}

function describePending(pending: NonNullable<Endpoint['pending']>) {
  return {
    EndpointConfigName: pending.config.name,
    StartTime: new Date(pending.startedAt),
    ProductionVariants: pending.variants.map((variant) => ({
      ...describeVariant(variant),
      InstanceType: variant.instanceType as never,
      VariantStatus: [{ Status: 'Creating' as const, StartTime: new Date(pending.startedAt) }],
    })),
  };
}
