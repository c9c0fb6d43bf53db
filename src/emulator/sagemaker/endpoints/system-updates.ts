import { validationError } from '../../http/service-error.js';
import type { AccountState } from '../../account/account-state.js';
import { scheduleChange, setStatus, completeChange } from './changes.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint, SystemUpdate } from './endpoint-state.js';
import { rememberPrevious } from './endpoint-view.js';

/** Starts maintenance of an endpoint in service. Default duration: that of the pace. */
export function startSystemUpdate(account: AccountState, endpoint: Endpoint, durationMs?: number): void {
  if (endpoint.status !== 'InService') {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  // SageMaker cannot patch an endpoint whose config was deleted.
  findEndpointConfig(account, endpoint.config.name);
  rememberPrevious(account, endpoint);
  const change: SystemUpdate = {
    kind: 'systemUpdate',
    startedAt: account.time,
    dueAt: account.time + (durationMs ?? account.pace.drawMs('systemUpdating')),
  };
  endpoint.change = change;
  setStatus(account, endpoint, 'SystemUpdating');
  resumeSystemUpdate(account, endpoint, change);
}

export function resumeSystemUpdate(account: AccountState, endpoint: Endpoint, change: SystemUpdate): void {
  scheduleChange(account, endpoint, change, () =>
    completeChange(account, endpoint, 'InService', endpoint.failureReason),
  );
}
