import { validationError } from '../../http/service-error.js';
import type { World } from '../../account/account-state.js';
import { schedule, setStatus, settle } from './changes.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint, SystemUpdate } from './endpoint-state.js';
import { rememberFormer } from './endpoint-view.js';

/** Maintenance that nobody asked for begins, where the endpoint is in service; it lasts as long as the pace says unless told. */
export function maintain(world: World, endpoint: Endpoint, durationMs?: number): void {
  if (endpoint.status !== 'InService') {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  // An endpoint whose config has been deleted cannot be patched.
  findEndpointConfig(world, endpoint.config.name);
  rememberFormer(world, endpoint);
  const change: SystemUpdate = {
    kind: 'systemUpdate',
    startedAt: world.time,
    dueAt: world.time + (durationMs ?? world.pace.drawMs('systemUpdating')),
  };
  endpoint.change = change;
  setStatus(world, endpoint, 'SystemUpdating');
  resumeSystemUpdate(world, endpoint, change);
}

export function resumeSystemUpdate(world: World, endpoint: Endpoint, change: SystemUpdate): void {
  schedule(world, endpoint, change, () => settle(world, endpoint, 'InService', endpoint.failureReason));
}
