import { Meter } from '../../traffic/meter.js';
import { applyScalingRulesOf } from '../../application-auto-scaling/apply-scaling-rule.js';
import type { AccountState } from '../../account/account-state.js';
import { completeChange, stopServing } from './changes.js';
import type { EmulatedDeployment, Endpoint } from './endpoint-state.js';
import { everyVariant } from './fleets.js';

/** A rolling deployment also removes as many old instances as it has new ones. */
export function moveTraffic(
  endpoint: Endpoint,
  { fleet, guardrails }: EmulatedDeployment,
  share: number,
): void {
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

/** Restores the state from before the deployment. */
export function restorePreviousFleet(
  account: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
): void {
  stopServing(everyVariant(deployment.fleet));
  endpoint.second = null;
  for (const variant of everyVariant(endpoint)) variant.currentCount = variant.desiredCount;
  completeChange(account, endpoint, 'InService', deployment.failureReason);
}

export function activateFleet(
  account: AccountState,
  endpoint: Endpoint,
  { fleet, dataCapture, creating }: EmulatedDeployment,
): void {
  stopServing(everyVariant(endpoint));
  if (endpoint.second && endpoint.second.fleet !== fleet) stopServing(everyVariant(endpoint.second.fleet));
  for (const variant of everyVariant(fleet)) variant.currentCount = variant.desiredCount;
  endpoint.config = fleet.config;
  endpoint.variants = fleet.variants;
  endpoint.shadows = fleet.shadows;
  endpoint.second = null;
  endpoint.replacements = [];
  endpoint.dataCapture = dataCapture;
  endpoint.meter ??= new Meter(account, endpoint);
  completeChange(account, endpoint, 'InService', undefined);
  if (creating) applyScalingRulesOf(account, endpoint.name);
}
