import { Meter } from '../traffic/meter.js';
import type { AccountState } from '../account/account-state.js';
import { resumeDeployment } from './endpoints/deployment-progress.js';
import type { Endpoint } from './endpoints/endpoint-state.js';
import { resumeDeletion } from './endpoints/endpoints.js';
import { startServing } from './endpoints/fleets.js';
import { resumeReplacement } from './endpoints/instance-loss.js';
import { resumeRescaling } from './endpoints/rescaling.js';
import { resumeSystemUpdate } from './endpoints/system-updates.js';
import { resumeTraining } from './training/training-progress.js';

/**
 * Continues the changes of endpoints and training jobs after the account was restored: starts programs and meters, and
 * schedules the next entries. Call it once, on a new account.
 */
export function resumeLifeCycles(account: AccountState): void {
  for (const endpoint of account.endpoints.values()) resumeEndpoint(account, endpoint);
  for (const job of account.trainingJobs.values()) resumeTraining(account, job);
}

function resumeEndpoint(account: AccountState, endpoint: Endpoint): void {
  const { change, second } = endpoint;
  if (endpoint.status !== 'Failed') startServing(account, endpoint);
  if (second) startServing(account, second.fleet);
  if (endpoint.variants.length > 0) endpoint.meter = new Meter(account, endpoint);
  for (const replacement of endpoint.replacements) resumeReplacement(account, endpoint, replacement);
  switch (change?.kind) {
    case 'deployment':
      if (change.fleet !== second?.fleet) startServing(account, change.fleet);
      return resumeDeployment(account, endpoint, change);
    case 'rescaling':
      return resumeRescaling(account, endpoint, change);
    case 'systemUpdate':
      return resumeSystemUpdate(account, endpoint, change);
    case 'deletion':
      return resumeDeletion(account, endpoint, change);
    case undefined:
      return;
  }
}
