import { type ServiceId, type ServiceModel, serviceModels } from '../service-model/model.js';
import type { Checked, Modelled } from '../service-model/modelled.js';
import { refuseViolations } from '../service-model/refusal.js';
import type { FaultKind } from '../account/faults.js';
import type { World } from '../account/account-state.js';
import { ServiceError } from './service-error.js';

export interface Call {
  world: World;
  /** A fault that the operation itself has to act out. */
  fault: FaultKind | null;
}

/** One operation of a service: plain members in, plain members out; times go out as Date. */
export interface Operation {
  name: string;
  run(input: unknown, call: Call): object | Promise<object>;
}

export interface Service {
  name: ServiceId;
  model: ServiceModel;
  /** The names this service gives to common errors. */
  errors: { validation: string; throttling: string; accessDenied: string; unknownOperation: string };
  operations: Map<string, Operation>;
}

/** An operation whose requests the service model has checked when it runs. */
export function operation<Input>(
  name: string,
  _request: Modelled<Input>,
  run: (input: Checked<Input>, call: Call) => object | Promise<object>,
): Operation {
  return { name, run: (input, call) => run(input as Checked<Input>, call) };
}

/** A service whose operations see only requests that its model allows. Throws where the model lacks an operation. */
export function serviceOf(name: ServiceId, errors: Service['errors'], operations: Operation[]): Service {
  const model = serviceModels[name];
  const checked = operations.map((each): [string, Operation] => {
    const modelled = model.operations[each.name];
    if (!modelled) throw new Error(`the model of ${name} has no operation ${each.name}`);
    return [
      each.name,
      {
        name: each.name,
        run(input, call) {
          refuseViolations(model, modelled, input, errors.validation);
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
