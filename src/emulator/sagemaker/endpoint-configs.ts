import type { ListEndpointConfigsOutput } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { operation } from '../http/operation.js';
import { validationError } from '../http/service-error.js';
import type { EndpointConfig } from '../world/resources.js';
import type { World } from '../world/world.js';
import { findModel } from './models.js';
import { anyName, entityName, tags } from './names.js';
import { listRequest, page } from './paging.js';

const variant = z.looseObject({
  VariantName: entityName,
  ModelName: entityName,
  InitialInstanceCount: z.int().min(1).optional(),
  InstanceType: z.string().optional(),
  InitialVariantWeight: z.number().min(0).optional(),
  ServerlessConfig: z.looseObject({}).optional(),
});

const createEndpointConfigRequest = z.looseObject({
  EndpointConfigName: entityName,
  ProductionVariants: z.array(variant).min(1).max(10),
  ShadowProductionVariants: z.array(variant).min(1).max(10).optional(),
  MetricsConfig: z
    .looseObject({
      EnableEnhancedMetrics: z.boolean().optional(),
      MetricPublishFrequencyInSeconds: z.literal([10, 30, 60, 120, 180, 240, 300]).optional(),
    })
    .optional(),
  Tags: tags,
});
export type EndpointConfigRequest = z.output<typeof createEndpointConfigRequest>;

const createEndpointConfig = operation(
  'CreateEndpointConfig',
  createEndpointConfigRequest,
  (request, { world }) => {
    const arn = world.arn('endpoint-config', request.EndpointConfigName);
    if (world.endpointConfigs.has(request.EndpointConfigName)) {
      throw validationError(`Cannot create already existing endpoint configuration "${arn}".`);
    }
    checkVariants(world, request);
    world.endpointConfigs.set(request.EndpointConfigName, {
      name: request.EndpointConfigName,
      arn,
      createdAt: world.time,
      request,
    });
    world.tags.set(arn, request.Tags ?? []);
    return { EndpointConfigArn: arn };
  },
);

const byName = z.object({ EndpointConfigName: anyName });

const describeEndpointConfig = operation('DescribeEndpointConfig', byName, (request, { world }) => {
  const config = findEndpointConfig(world, request.EndpointConfigName);
  return {
    ...config.request,
    Tags: undefined,
    ProductionVariants: config.request.ProductionVariants.map(withWeight),
    ...(config.request.ShadowProductionVariants
      ? { ShadowProductionVariants: config.request.ShadowProductionVariants.map(withWeight) }
      : {}),
    EndpointConfigArn: config.arn,
    CreationTime: new Date(config.createdAt),
  };
});

const deleteEndpointConfig = operation('DeleteEndpointConfig', byName, (request, { world }) => {
  const config = findEndpointConfig(world, request.EndpointConfigName);
  world.endpointConfigs.delete(config.name);
  world.tags.delete(config.arn);
  return {};
});

const listEndpointConfigs = operation(
  'ListEndpointConfigs',
  listRequest,
  (request, { world }): ListEndpointConfigsOutput => {
    const { items, ...token } = page(request, world.endpointConfigs.values());
    const EndpointConfigs = items.map((config) => ({
      EndpointConfigName: config.name,
      EndpointConfigArn: config.arn,
      CreationTime: new Date(config.createdAt),
    }));
    return { EndpointConfigs, ...token };
  },
);

export const endpointConfigOperations = [
  createEndpointConfig,
  describeEndpointConfig,
  deleteEndpointConfig,
  listEndpointConfigs,
];

/** Fails as the service does where there is no such config. */
export function findEndpointConfig(world: World, name: string): EndpointConfig {
  const config = world.endpointConfigs.get(name);
  if (!config) {
    throw validationError(`Could not find endpoint configuration "${world.arn('endpoint-config', name)}".`);
  }
  return config;
}

function withWeight(given: object): object {
  return { InitialVariantWeight: 1, ...given };
}

function checkVariants(world: World, request: EndpointConfigRequest): void {
  const { ProductionVariants: production, ShadowProductionVariants: shadow } = request;
  const all = [...production, ...(shadow ?? [])];
  if (new Set(all.map((each) => each.VariantName)).size < all.length) {
    throw validationError('Duplicate variant names are not allowed in an endpoint configuration.');
  }
  if (shadow && (production.length !== 1 || shadow.length !== 1)) {
    throw validationError(
      'An endpoint configuration with shadow variants must have exactly one production variant and one shadow variant.',
    );
  }
  if (all.length > 1 && all.some((each) => each.ServerlessConfig)) {
    throw validationError('A serverless endpoint configuration must have exactly one production variant.');
  }
  for (const each of all) {
    findModel(world, each.ModelName);
    if (
      !each.ServerlessConfig &&
      (each.InstanceType === undefined || each.InitialInstanceCount === undefined)
    ) {
      throw validationError(`Variant ${each.VariantName} needs InstanceType and InitialInstanceCount.`);
    }
  }
}
