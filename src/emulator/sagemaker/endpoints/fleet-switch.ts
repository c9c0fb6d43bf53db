import { Meter } from '../../traffic/meter.js';
import type { World } from '../../account/account-state.js';
import { settle, stopServing } from './changes.js';
import type { Deployment, Endpoint } from './endpoint-state.js';
import { everyVariant } from './fleets.js';

/** A rolling deployment also gives up as many old instances as it has new ones. */
export function moveTraffic(endpoint: Endpoint, { fleet, guardrails }: Deployment, share: number): void {
  endpoint.second = { fleet, share };
  for (const variant of everyVariant(fleet)) {
    variant.currentCount = guardrails?.rolling
      ? Math.round(variant.desiredCount * share)
      : variant.desiredCount;
  }
  if (!guardrails?.rolling) return;
  for (const variant of everyVariant(endpoint)) {
    variant.currentCount = variant.desiredCount - Math.round(variant.desiredCount * share);
  }
}

/** Everything is as it was before the deployment. */
export function restore(world: World, endpoint: Endpoint, deployment: Deployment): void {
  stopServing(everyVariant(deployment.fleet));
  endpoint.second = null;
  for (const variant of everyVariant(endpoint)) variant.currentCount = variant.desiredCount;
  settle(world, endpoint, 'InService', deployment.failureReason);
}

export function takeOver(world: World, endpoint: Endpoint, { fleet, dataCapture }: Deployment): void {
  stopServing(everyVariant(endpoint));
  if (endpoint.second && endpoint.second.fleet !== fleet) stopServing(everyVariant(endpoint.second.fleet));
  for (const variant of everyVariant(fleet)) variant.currentCount = variant.desiredCount;
  endpoint.config = fleet.config;
  endpoint.variants = fleet.variants;
  endpoint.shadows = fleet.shadows;
  endpoint.second = null;
  endpoint.replacements = [];
  endpoint.dataCapture = dataCapture;
  endpoint.meter ??= new Meter(world, endpoint);
  settle(world, endpoint, 'InService', undefined);
}
