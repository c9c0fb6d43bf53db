import type { FaultKind } from '../world/faults.js';
import { summarize } from '../world/calls.js';
import type { World } from '../world/world.js';
import { InvalidInput, type Service, unknownOperation } from './operation.js';
import { ServiceError } from './service-error.js';

/** `lost`: the call has taken effect, and its caller must not learn of it. */
export type Answer =
  { kind: 'ok'; output: object } | { kind: 'error'; error: ServiceError } | { kind: 'lost' };

/** Runs one call against the world as it is now, with the fault that is armed for it, and logs it. */
export async function dispatch(
  world: World,
  service: Service,
  name: string,
  readInput: () => unknown,
): Promise<Answer> {
  let input: unknown;
  let answer: Answer;
  let fault: FaultKind | null = null;
  try {
    input = readInput();
    const output = await world.enter(() => {
      fault = world.faults.take(name, input);
      refuseByFault(service, fault);
      const operation = service.operations.get(name);
      if (!operation) throw unknownOperation(service, name);
      return operation.run(input, { world, fault });
    });
    answer = fault === 'lostResponse' ? { kind: 'lost' } : { kind: 'ok', output };
  } catch (error) {
    answer = { kind: 'error', error: toServiceError(service, error) };
  }
  const outcome = { ok: () => 'ok', lost: () => 'lostResponse', error: codeOf }[answer.kind](answer);
  world.calls.add({ at: world.time, operation: name, outcome, parameters: summarize(input) });
  return answer;
}

function codeOf(answer: Answer): string {
  return answer.kind === 'error' ? answer.error.code : answer.kind;
}

function refuseByFault(service: Service, fault: FaultKind | null): void {
  if (fault === 'throttle') throw new ServiceError(service.errors.throttling, 'Rate exceeded');
  if (fault === 'error500') {
    throw new ServiceError(
      'InternalFailure',
      'The request processing has failed because of an unknown error.',
      500,
    );
  }
  if (fault === 'accessDenied') {
    throw new ServiceError(service.errors.accessDenied, 'User is not authorized to perform this operation');
  }
}

function toServiceError(service: Service, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof InvalidInput) return new ServiceError(service.errors.validation, error.message);
  if (error instanceof SyntaxError) return new ServiceError('SerializationException', error.message);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ServiceError('InternalFailure', `The emulator failed: ${text}`, 500);
}
