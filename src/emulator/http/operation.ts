import type { z } from 'zod';
import { type ServiceId, type ServiceModel, serviceModels } from '../service-model/model.js';
import { refuseViolations } from '../service-model/refusal.js';
import type { FaultKind } from '../world/faults.js';
import type { World } from '../world/world.js';
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

export class InvalidInput extends Error {}

/** An operation with its rules for the request's form; what breaks them is refused in the service's own words. */
export function operation<Schema extends z.ZodType>(
  name: string,
  request: Schema,
  run: (input: z.output<Schema>, call: Call) => object | Promise<object>,
): Operation {
  return {
    name,
    run(input, call) {
      const parsed = request.safeParse(input);
      if (parsed.success) return run(parsed.data, call);
      throw new InvalidInput(describeIssues(input, parsed.error.issues));
    },
  };
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

function describeIssues(input: unknown, issues: z.core.$ZodIssue[]): string {
  const found = issues.map((issue) => {
    const value = valueAt(input, issue.path);
    const shown =
      value === undefined || value === null ? 'null' : `'${JSON.stringify(value).replace(/^"|"$/g, '')}'`;
    return `Value ${shown} at '${describePath(issue.path)}' failed to satisfy constraint: ${describeConstraint(issue, value)}`;
  });
  return `${found.length} validation error${found.length > 1 ? 's' : ''} detected: ${found.join('; ')}`;
}

function describeConstraint(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined || value === null) return 'Member must not be null';
  if (issue.code === 'invalid_format' && issue.format === 'regex') {
    return `Member must satisfy regular expression pattern: ${(issue.pattern ?? '').replace(/^\/\^?|\$?\/$/g, '')}`;
  }
  if (issue.code === 'invalid_value')
    return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
  if (issue.code === 'too_big' || issue.code === 'too_small') {
    const [bound, word] = issue.code === 'too_big' ? [issue.maximum, 'less'] : [issue.minimum, 'greater'];
    const measure = issue.origin === 'number' ? 'value' : 'length';
    return `Member must have ${measure} ${word} than or equal to ${bound}`;
  }
  return issue.message;
}

/** As AWS writes paths: lower camel case, list members counted from 1. */
function describePath(path: PropertyKey[]): string {
  return path
    .map((part) =>
      typeof part === 'number'
        ? `${part + 1}.member`
        : String(part).replace(/^[A-Z]/, (letter) => letter.toLowerCase()),
    )
    .join('.');
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input,
  );
}
