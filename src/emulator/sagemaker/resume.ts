import { Meter } from '../traffic/meter.js';
import type { AccountState } from '../account/account-state.js';
import { resumeDeployment } from './endpoints/deployment-progress.js';
import type { Endpoint } from './endpoints/endpoint-state.js';
import { resumeDeletion } from './endpoints/endpoints.js';
import { startServing } from './endpoints/fleets.js';
import { resumeReplacement } from './endpoints/instance-loss.js';
import { resumeRescaling } from './endpoints/rescaling.js';
import { resumeScalingRule } from './endpoints/scaling.js';
import { resumeSystemUpdate } from './endpoints/system-updates.js';
import { resumeTraining } from './training/training-progress.js';

/**
 * Goes on with all that endpoints, training jobs and autoscaling are in the middle of, after the world's resources have been
 * read from where they were kept: starts programs and meters, and schedules what is due next. Call it once, on a new world.
 */
export function resumeLifeCycles(world: AccountState): void {
  for (const endpoint of world.endpoints.values()) resumeEndpoint(world, endpoint);
  for (const job of world.trainingJobs.values()) resumeTraining(world, job);
  for (const entry of world.sageMaker.scaling.values()) resumeScalingRule(world, entry);
}

function resumeEndpoint(world: AccountState, endpoint: Endpoint): void {
  const { change, second } = endpoint;
  if (endpoint.status !== 'Failed') startServing(world, endpoint);
  if (second) startServing(world, second.fleet);
  if (endpoint.variants.length > 0) endpoint.meter = new Meter(world, endpoint);
  for (const replacement of endpoint.replacements) resumeReplacement(world, endpoint, replacement);
  switch (change?.kind) {
    case 'deployment':
      if (change.fleet !== second?.fleet) startServing(world, change.fleet);
      return resumeDeployment(world, endpoint, change);
    case 'rescaling':
      return resumeRescaling(world, endpoint, change);
    case 'systemUpdate':
      return resumeSystemUpdate(world, endpoint, change);
    case 'deletion':
      return resumeDeletion(world, endpoint, change);
    case undefined:
      return;
  }
}
