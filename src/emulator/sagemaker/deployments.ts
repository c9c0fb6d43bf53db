import { z } from 'zod';
import { type Call, operation } from '../http/operation.js';
import { validationError } from '../http/service-error.js';
import { Meter } from '../traffic/meter.js';
import type { Endpoint, EndpointConfig, Variant } from '../world/resources.js';
import type { World } from '../world/world.js';
import { findEndpointConfig } from './endpoint-configs.js';
import { findEndpoint, setStatus, stopServing } from './endpoints.js';
import { findModel } from './models.js';
import { anyName, entityName, tags } from './names.js';

const createEndpoint = operation(
  'CreateEndpoint',
  z.looseObject({ EndpointName: entityName, EndpointConfigName: entityName, Tags: tags }),
  (request, call) => {
    const { world } = call;
    const arn = world.arn('endpoint', request.EndpointName.toLowerCase());
    if (world.endpoints.has(request.EndpointName.toLowerCase())) {
      throw validationError(`Cannot create already existing endpoint "${arn}".`);
    }
    const config = findEndpointConfig(world, request.EndpointConfigName);
    const endpoint: Endpoint = {
      name: request.EndpointName,
      arn,
      createdAt: world.time,
      modifiedAt: world.time,
      status: 'Creating',
      failureReason: undefined,
      config,
      variants: [],
      pending: null,
      meter: null,
    };
    world.endpoints.set(endpoint.name.toLowerCase(), endpoint);
    world.tags.set(arn, request.Tags ?? []);
    deploy(call, endpoint, config, world.pace.drawMs('creating'), initialVariants(world, config));
    return { EndpointArn: arn };
  },
);

const retainedProperty = z.enum(['DesiredInstanceCount', 'DesiredWeight', 'DataCaptureConfig']);

const updateEndpoint = operation(
  'UpdateEndpoint',
  z.looseObject({
    EndpointName: anyName,
    EndpointConfigName: entityName,
    RetainAllVariantProperties: z.boolean().optional(),
    ExcludeRetainedVariantProperties: z
      .array(z.object({ VariantPropertyType: retainedProperty }))
      .max(3)
      .optional(),
  }),
  (request, call) => {
    const { world } = call;
    const endpoint = findEndpoint(world, request.EndpointName);
    requireChangeable(world, endpoint);
    const config = findEndpointConfig(world, request.EndpointConfigName);
    const variants = initialVariants(world, config);
    if (request.RetainAllVariantProperties) {
      const excluded =
        request.ExcludeRetainedVariantProperties?.map((each) => each.VariantPropertyType) ?? [];
      retainProperties(endpoint, variants, excluded);
    }
    setStatus(world, endpoint, 'Updating');
    deploy(call, endpoint, config, world.pace.drawMs('updating'), variants);
    return { EndpointArn: endpoint.arn };
  },
);

export const deploymentOperations = [createEndpoint, updateEndpoint];

/** Updates of any kind are refused while another is under way, and when the live config has been deleted. */
export function requireChangeable(world: World, endpoint: Endpoint): void {
  if (endpoint.status === 'Failed') {
    throw validationError(`Cannot update failed endpoint "${endpoint.arn}". It can only be deleted.`);
  }
  if (endpoint.status !== 'InService') {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  findEndpointConfig(world, endpoint.config.name);
}

/** Brings up the variants, then switches to them; where they do not come up, everything stays as it was. */
function deploy(
  { world, fault }: Call,
  endpoint: Endpoint,
  config: EndpointConfig,
  delayMs: number,
  variants: Variant[],
): void {
  endpoint.pending = { config, variants, startedAt: world.time };
  endpoint.failureReason = undefined;
  const servers = variants.flatMap((variant) => (variant.serving ? [pingOf(variant)] : []));
  const ready =
    servers.length === 0 ? null : Promise.all(servers).then((found) => found.find(Boolean) ?? null);
  world.after(delayMs, ready, (unhealthy) => {
    if (fault === 'revert') abandon(world, endpoint, undefined);
    else if (fault === 'fail') abandon(world, endpoint, pingFailure(variants[0]?.name ?? ''));
    else if (unhealthy !== null) abandon(world, endpoint, pingFailure(unhealthy));
    else switchTo(world, endpoint, config, variants);
  });
}

/** The variant's name where its process does not answer /ping. */
async function pingOf(variant: Variant): Promise<string | null> {
  return (await variant.serving?.ready) === false ? variant.name : null;
}

function pingFailure(variant: string): string {
  return `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`;
}

function switchTo(world: World, endpoint: Endpoint, config: EndpointConfig, variants: Variant[]): void {
  endpoint.meter?.catchUp();
  stopServing(endpoint.variants);
  endpoint.config = config;
  endpoint.variants = variants;
  endpoint.pending = null;
  endpoint.meter ??= new Meter(world, endpoint);
  setStatus(world, endpoint, 'InService');
}

function abandon(world: World, endpoint: Endpoint, reason: string | undefined): void {
  stopServing(endpoint.pending?.variants ?? []);
  endpoint.pending = null;
  endpoint.failureReason = reason;
  setStatus(world, endpoint, endpoint.variants.length > 0 ? 'InService' : 'Failed');
}

function initialVariants(world: World, config: EndpointConfig): Variant[] {
  const wanted = config.request.ProductionVariants.map((given) => ({
    given,
    model: findModel(world, given.ModelName),
  }));
  return wanted.map(({ given, model }) => ({
    name: given.VariantName,
    model,
    instanceType: given.InstanceType,
    currentWeight: given.InitialVariantWeight ?? 1,
    desiredWeight: given.InitialVariantWeight ?? 1,
    currentCount: given.InitialInstanceCount ?? 0,
    desiredCount: given.InitialInstanceCount ?? 0,
    serving: world.options.programs.serve(model),
  }));
}

function retainProperties(endpoint: Endpoint, variants: Variant[], excluded: string[]): void {
  for (const variant of variants) {
    const live = endpoint.variants.find((each) => each.name === variant.name);
    if (live && !excluded.includes('DesiredWeight')) {
      variant.currentWeight = variant.desiredWeight = live.desiredWeight;
    }
    if (live && !excluded.includes('DesiredInstanceCount')) {
      variant.currentCount = variant.desiredCount = live.desiredCount;
    }
  }
}
