import { setTimeout as sleep } from 'node:timers/promises';
import { applyWrongData } from '../control/wrong-data.js';
import { summarizeInput } from '../account/calls.js';
import type { Fault, FaultKind } from '../account/faults.js';
import type { AccountState } from '../account/account-state.js';
import { type Service, unknownOperation } from './operation.js';
import { ServiceError } from './service-error.js';

/** `lost`: the call's caller must not learn what became of it. */
export type DispatchResult =
  { kind: 'ok'; output: object } | { kind: 'error'; error: ServiceError } | { kind: 'lost' };

const defaultSlownessSeconds = 5;
const slowKinds = new Set<FaultKind>(['slow', 'timeoutBeforeEffect', 'timeoutAfterEffect']);

/** Runs one call against the world as it is now, with the fault that is armed for it, and logs it. */
export async function dispatch(
  world: AccountState,
  service: Service,
  name: string,
  readInput: () => unknown,
): Promise<DispatchResult> {
  let input: unknown;
  let answer: DispatchResult;
  const hit: { fault: Fault | null } = { fault: null };
  try {
    input = readInput();
    const early = await world.advanceToNow(() => {
      refuseBeyondQuota(world, service, name);
      hit.fault = world.faults.take(name, input, world.time, world.startedAt);
      return hit.fault?.kind === 'holdRequest' ? null : act(world, service, name, input, hit.fault);
    });
    answer = early ?? (await actOnceReleased(world, service, name, input));
  } catch (error) {
    answer = { kind: 'error', error: toServiceError(error) };
  }
  world.calls.add({
    at: world.time,
    operation: name,
    outcome: outcomeOf(answer, hit.fault),
    ...(hit.fault ? { fault: hit.fault.kind } : {}),
    parameters: summarizeInput(input),
  });
  return hit.fault ? delay(world, name, answer, hit.fault) : answer;
}

async function act(
  world: AccountState,
  service: Service,
  name: string,
  input: unknown,
  fault: Fault | null,
): Promise<DispatchResult> {
  refuseByFault(service, fault);
  if (fault?.kind === 'timeoutBeforeEffect') return { kind: 'lost' };
  const operation = service.operations.get(name);
  if (!operation) throw unknownOperation(service, name);
  const output = await operation.run(input, { world, fault: fault?.kind ?? null });
  if (fault?.kind === 'lostResponse' || fault?.kind === 'timeoutAfterEffect') return { kind: 'lost' };
  const earlier = world.earlierAnswers.remember(name, input, output);
  const lie = fault?.kind === 'wrongData' ? fault.data : undefined;
  return { kind: 'ok', output: lie === undefined ? output : applyWrongData(lie, output, earlier) };
}

/** A request that a network, or a process that stood still, delivers late. */
async function actOnceReleased(
  world: AccountState,
  service: Service,
  name: string,
  input: unknown,
): Promise<DispatchResult> {
  await world.holds.wait(name, world.time);
  return world.advanceToNow(() => act(world, service, name, input, null));
}

/** The call has had its effect; this is about when its caller hears. In real time: the client's own clock is real. */
async function delay(
  world: AccountState,
  name: string,
  answer: DispatchResult,
  fault: Fault,
): Promise<DispatchResult> {
  if (fault.kind === 'holdResponse') await world.holds.wait(name, world.time);
  if (slowKinds.has(fault.kind)) {
    await sleep((fault.seconds ?? defaultSlownessSeconds) * 1000, undefined, { ref: false });
  }
  return answer;
}

function outcomeOf(answer: DispatchResult, fault: Fault | null): string {
  switch (answer.kind) {
    case 'ok':
      return 'ok';
    case 'error':
      return answer.error.code;
    case 'lost':
      return fault?.kind ?? 'lost';
  }
}

function refuseBeyondQuota(world: AccountState, service: Service, name: string): void {
  if (!world.quotas.take(service.name, name, world.time)) throw throttled(service);
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
    throw new ServiceError(service.errors.accessDenied, 'User is not authorized to perform this operation');
  }
}

function throttled(service: Service): ServiceError {
  return new ServiceError(service.errors.throttling, 'Rate exceeded');
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ServiceError('InternalFailure', `The emulator failed: ${text}`, 500);
}
