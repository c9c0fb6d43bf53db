import {
  membersOf,
  type Reference,
  type ServiceModel,
  type Shape,
  shapeOf,
} from '../../service-model/model.js';
import { ServiceError } from '../service-error.js';

/** Converts scalars from or to the format of a protocol. */
export type ScalarConverter = (value: unknown, shape: Shape) => unknown;

/** Reads a value of the model from objects, arrays and scalars. Unknown members are left out. */
export function readStructureValue(
  model: ServiceModel,
  reference: Reference,
  raw: unknown,
  readScalar: ScalarConverter,
): unknown {
  return new Reading(model, readScalar).read(reference, raw);
}

/** The inverse of `readStructureValue`. Throws if a response does not match the model: a bug of the emulator. */
export function writeStructureValue(
  model: ServiceModel,
  reference: Reference,
  value: unknown,
  writeScalar: ScalarConverter,
): unknown {
  return new Writing(model, writeScalar).write(reference, value);
}

/** A class rather than nested functions, because simulations read and write ten thousand values a second. */
class Reading {
  constructor(
    private readonly model: ServiceModel,
    private readonly readScalar: ScalarConverter,
  ) {}

  read(reference: Reference, raw: unknown): unknown {
    const shape = shapeOf(this.model, reference);
    if (shape.type === 'structure') return this.readMembers(shape, requireObject(raw));
    if (shape.type === 'map') {
      return Object.fromEntries(
        Object.entries(requireObject(raw))
          .filter(([, value]) => isThere(value))
          .map(([key, value]) => [key, shape.value && this.read(shape.value, value)]),
      );
    }
    if (shape.type === 'list') {
      const items: unknown[] = [];
      for (const item of requireArray(raw))
        if (isThere(item)) items.push(shape.member && this.read(shape.member, item));
      return items;
    }
    if (Array.isArray(raw)) throw malformedInput('Start of list found where not expected');
    if (isObject(raw)) throw malformedInput('Start of structure or map found where not expected.');
    return this.readScalar(raw, shape);
  }

  private readMembers(shape: Shape, from: Record<string, unknown>): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const [name, reference] of membersOf(shape))
      if (hasMember(from, name)) found[name] = this.read(reference, from[name]);
    if (shape.union && Object.keys(found).length !== 1) {
      throw malformedInput('Exactly one member of a union must be set');
    }
    return found;
  }
}

class Writing {
  constructor(
    private readonly model: ServiceModel,
    private readonly writeScalar: ScalarConverter,
  ) {}

  write(reference: Reference, value: unknown): unknown {
    const shape = shapeOf(this.model, reference);
    if (shape.type === 'structure') return this.writeMembers(shape, value as Record<string, unknown>);
    if (shape.type === 'map') {
      return Object.fromEntries(
        Object.entries(value as object).map(([key, each]) => [
          key,
          shape.value && this.write(shape.value, each),
        ]),
      );
    }
    if (shape.type === 'list') {
      const items: unknown[] = [];
      for (const item of value as unknown[]) items.push(shape.member && this.write(shape.member, item));
      return items;
    }
    return this.writeScalar(value, shape);
  }

  private writeMembers(shape: Shape, from: Record<string, unknown>): Record<string, unknown> {
    const written: Record<string, unknown> = {};
    // A response has few of the model's members.
    const members = shape.members ?? {};
    for (const name of Object.keys(from)) {
      const reference = members[name];
      if (reference && isThere(from[name])) written[name] = this.write(reference, from[name]);
    }
    return written;
  }
}

export function malformedInput(message: string): ServiceError {
  return new ServiceError('SerializationException', message);
}

function hasMember(from: Record<string, unknown>, name: string): boolean {
  return isThere(from[name]) && Object.hasOwn(from, name);
}

function requireObject(raw: unknown): Record<string, unknown> {
  if (Array.isArray(raw)) throw malformedInput('Start of list found where not expected');
  if (!isObject(raw)) throw malformedInput('Unexpected field type');
  return raw;
}

function requireArray(raw: unknown): unknown[] {
  if (isObject(raw) && !Array.isArray(raw)) {
    throw malformedInput('Start of structure or map found where not expected.');
  }
  if (!Array.isArray(raw)) throw malformedInput('Unexpected field type');
  return raw;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array)
  );
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
