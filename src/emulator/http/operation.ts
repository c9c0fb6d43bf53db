import { type ServiceId, type ServiceModel, serviceModels } from '../service-model/model.js';
import type { Validated, Modelled } from '../service-model/modelled.js';
import { throwValidationError } from '../service-model/refusal.js';
import type { FaultKind } from '../account/faults.js';
import type { AccountState } from '../account/account-state.js';
import { ServiceError } from './service-error.js';

export interface OperationCall {
  world: AccountState;
  /** A fault that the operation itself has to act out. */
  fault: FaultKind | null;
}

/** One operation of a service: plain members in, plain members out; times go out as Date. */
export interface EmulatorOperation {
  name: string;
  run(input: unknown, call: OperationCall): object | Promise<object>;
}

export interface Service {
  name: ServiceId;
  model: ServiceModel;
  /** The names this service gives to common errors. */
  errors: { validation: string; throttling: string; accessDenied: string; unknownOperation: string };
  operations: Map<string, EmulatorOperation>;
}

/** An operation whose requests the service model has checked when it runs. */
export function operation<Input>(
  name: string,
  _request: Modelled<Input>,
  run: (input: Validated<Input>, call: OperationCall) => object | Promise<object>,
): EmulatorOperation {
  return { name, run: (input, call) => run(input as Validated<Input>, call) };
}

/** A service whose operations see only requests that its model allows. Throws where the model lacks an operation. */
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
  return new ServiceError(
    service.errors.unknownOperation,
    `The operation ${name} is not known to ${service.name}.`,
  );
}
