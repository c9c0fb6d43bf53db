import { validationError } from '../../http/service-error.js';
import type { AccountState } from '../../account/account-state.js';
import { scheduleChange, setStatus, completeChange } from './changes.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint, SystemUpdate } from './endpoint-state.js';
import { rememberFormer } from './endpoint-view.js';

/** Maintenance that nobody asked for begins, where the endpoint is in service; it lasts as long as the pace says unless told. */
export function startSystemUpdate(world: AccountState, endpoint: Endpoint, durationMs?: number): void {
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

export function resumeSystemUpdate(world: AccountState, endpoint: Endpoint, change: SystemUpdate): void {
  scheduleChange(world, endpoint, change, () =>
    completeChange(world, endpoint, 'InService', endpoint.failureReason),
  );
}
