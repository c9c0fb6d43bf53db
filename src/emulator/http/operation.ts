import { type ServiceId, type ServiceModel, serviceModels } from '../service-model/model.js';
import type { Validated, Modelled } from '../service-model/modelled.js';
import { throwValidationError } from '../service-model/refusal.js';
import type { FaultKind } from '../account/faults.js';
import type { AccountState } from '../account/account-state.js';
import { ServiceError } from './service-error.js';

export interface OperationCall {
  account: AccountState;
  /** A fault that the operation itself emulates. */
  fault: FaultKind | null;
}

/** One operation of a service, with plain members as input and output. Times in the output are Dates. */
export interface EmulatorOperation {
  name: string;
  run(input: unknown, call: OperationCall): object | Promise<object>;
}

export interface Service {
  name: string;
  model: ServiceModel;
  /** Names of common errors in this service. */
  errors: { validation: string; throttling: string; accessDenied: string; unknownOperation: string };
  operations: Map<string, EmulatorOperation>;
  /** The emulator does not have this service at all. */
  isAbsent?: true;
}

/** An operation that gets only requests that the service model has checked. */
export function operation<Input>(
  name: string,
  _request: Modelled<Input>,
  run: (input: Validated<Input>, call: OperationCall) => object | Promise<object>,
): EmulatorOperation {
  return { name, run: (input, call) => run(input as Validated<Input>, call) };
}

/** A service whose operations get only requests that its model allows. Throws if the model lacks an operation. */
export function serviceOf(
  name: ServiceId,
  errors: Service['errors'],
  operations: EmulatorOperation[],
): Service {
  const model = serviceModels[name];
  const checked = operations.map((each): [string, EmulatorOperation] => {
    const modelled = model.operations[each.name];
    if (!modelled) throw new Error(`the model of ${name} has no operation ${each.name}`);
    return [
      each.name,
      {
        name: each.name,
        run(input, call) {
          throwValidationError(model, modelled, input, errors.validation);
          return each.run(input, call);
        },
      },
    ];
  });
  return { name, model, errors, operations: new Map(checked) };
}

export function unknownOperation(service: Service, name: string): ServiceError {
  const known = Object.keys(serviceModels).join(', ');
  return new ServiceError(
    service.errors.unknownOperation,
    service.isAbsent
      ? `The emulator does not have the service ${service.name}, so it cannot run ${name}. Call only ${known} here.`
      : `The operation ${name} is not known to ${service.name}.`,
  );
}
