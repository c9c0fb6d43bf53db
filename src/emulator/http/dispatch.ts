import { applyWrongData } from '../control/wrong-data.js';
import { iamActionOf, isDeniedAction } from '../identity/denied-actions.js';
import { summarizeInput } from '../account/calls.js';
import type { Fault, FaultKind } from '../account/faults.js';
import type { AccountState } from '../account/account-state.js';
import { type Service, unknownOperation } from './operation.js';
import { ServiceError } from './service-error.js';

/** `lost`: the caller must not get the result. */
export type DispatchResult =
  { kind: 'ok'; output: object } | { kind: 'error'; error: ServiceError } | { kind: 'lost' };

const defaultSlownessSeconds = 5;
const slowKinds = new Set<FaultKind>(['slow', 'timeoutBeforeEffect', 'timeoutAfterEffect']);

/** Runs one call against the current account, with its armed fault, and logs it. */
export async function dispatch(
  account: AccountState,
  service: Service,
  name: string,
  readInput: () => unknown,
): Promise<DispatchResult> {
  let input: unknown;
  let result: DispatchResult;
  const hit: { fault: Fault | null } = { fault: null };
  try {
    input = readInput();
    const early = await account.advanceToNow(() => {
      refuseBeyondQuota(account, service, name);
      refuseDenied(account, service, name);
      hit.fault = account.faults.take(name, input, account.time, account.startedAt);
      return hit.fault?.kind === 'holdRequest' ? null : act(account, service, name, input, hit.fault);
    });
    result = early ?? (await actOnceReleased(account, service, name, input));
  } catch (error) {
    result = { kind: 'error', error: toServiceError(error) };
  }
  account.calls.add({
    at: account.time,
    operation: name,
    ...(account.options.callsOfHome && { region: account.options.region }),
    outcome: outcomeOf(result, hit.fault),
    ...(hit.fault ? { fault: hit.fault.kind } : {}),
    parameters: summarizeInput(input),
  });
  return hit.fault ? delay(account, name, result, hit.fault) : result;
}

async function act(
  account: AccountState,
  service: Service,
  name: string,
  input: unknown,
  fault: Fault | null,
): Promise<DispatchResult> {
  refuseByFault(service, fault);
  if (fault?.kind === 'timeoutBeforeEffect') return { kind: 'lost' };
  const operation = service.operations.get(name);
  if (!operation) throw unknownOperation(service, name);
  const output = await operation.run(input, { account, fault: fault?.kind ?? null });
  if (fault?.kind === 'lostResponse' || fault?.kind === 'timeoutAfterEffect') return { kind: 'lost' };
  const previous = account.previousResponses.remember(name, input, output);
  const wrongData = fault?.kind === 'wrongData' ? fault.data : undefined;
  return {
    kind: 'ok',
    output: wrongData === undefined ? output : applyWrongData(wrongData, output, previous),
  };
}

/** Emulates a request that a network, or a suspended process, delivers late. */
async function actOnceReleased(
  account: AccountState,
  service: Service,
  name: string,
  input: unknown,
): Promise<DispatchResult> {
  await account.heldRequests.wait(name, account.time);
  return account.advanceToNow(() => act(account, service, name, input, null));
}

/** Delays the response after the effect, by the caller's clock: real for HTTP, simulated within a simulation. */
async function delay(
  account: AccountState,
  name: string,
  result: DispatchResult,
  fault: Fault,
): Promise<DispatchResult> {
  if (fault.kind === 'holdResponse') await account.heldRequests.wait(name, account.time);
  if (slowKinds.has(fault.kind)) {
    const delayMs = (fault.seconds ?? defaultSlownessSeconds) * 1000;
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref());
  }
  return result;
}

function outcomeOf(result: DispatchResult, fault: Fault | null): string {
  switch (result.kind) {
    case 'ok':
      return 'ok';
    case 'error':
      return result.error.code;
    case 'lost':
      return fault?.kind ?? 'lost';
  }
}

function refuseBeyondQuota(account: AccountState, service: Service, name: string): void {
  if (!account.quotas.take(service.name, name, account.time)) throw throttled(service);
}

function refuseDenied(account: AccountState, service: Service, name: string): void {
  if (isDeniedAction(account, iamActionOf(service, name))) throw denied(service);
}

function refuseByFault(service: Service, fault: Fault | null): void {
  if (fault?.kind === 'throttle') throw throttled(service);
  if (fault?.kind === 'error500') {
    throw new ServiceError(
      'InternalFailure',
      'The request processing has failed because of an unknown error.',
      500,
    );
  }
  if (fault?.kind === 'accessDenied') {
    throw denied(service);
  }
}

function denied(service: Service): ServiceError {
  return new ServiceError(service.errors.accessDenied, 'User is not authorized to perform this operation');
}

function throttled(service: Service): ServiceError {
  return new ServiceError(service.errors.throttling, 'Rate exceeded');
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ServiceError('InternalFailure', `The emulator failed: ${text}`, 500);
}
