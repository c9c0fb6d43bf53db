import { type Reference, type ServiceModel, type Shape, shapeOf } from '../../service-model/model.js';
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
  const shape = shapeOf(model, reference);
  const read = (to: Reference | undefined, value: unknown) =>
    to && readStructureValue(model, to, value, readScalar);
  if (shape.type === 'structure') {
    const members = Object.entries(shape.members ?? {});
    const found = pick(members, requireObject(raw), read);
    if (shape.union && Object.keys(found).length !== 1) {
      throw malformedInput('Exactly one member of a union must be set');
    }
    return found;
  }
  if (shape.type === 'map') {
    return Object.fromEntries(
      Object.entries(requireObject(raw))
        .filter(([, value]) => isThere(value))
        .map(([key, value]) => [key, read(shape.value, value)]),
    );
  }
  if (shape.type === 'list') {
    return requireArray(raw)
      .filter(isThere)
      .map((item) => read(shape.member, item));
  }
  if (Array.isArray(raw)) throw malformedInput('Start of list found where not expected');
  if (isObject(raw)) throw malformedInput('Start of structure or map found where not expected.');
  return readScalar(raw, shape);
}

/** The inverse of `readStructureValue`. Throws if a response does not match the model: a bug of the emulator. */
export function writeStructureValue(
  model: ServiceModel,
  reference: Reference,
  value: unknown,
  writeScalar: ScalarConverter,
): unknown {
  const shape = shapeOf(model, reference);
  const write = (to: Reference | undefined, each: unknown) =>
    to && writeStructureValue(model, to, each, writeScalar);
  if (shape.type === 'structure') {
    return pick(Object.entries(shape.members ?? {}), value as Record<string, unknown>, write);
  }
  if (shape.type === 'map') {
    return Object.fromEntries(
      Object.entries(value as object).map(([key, each]) => [key, write(shape.value, each)]),
    );
  }
  if (shape.type === 'list') {
    return (value as unknown[]).map((item) => write(shape.member, item));
  }
  return writeScalar(value, shape);
}

export function malformedInput(message: string): ServiceError {
  return new ServiceError('SerializationException', message);
}

function pick(
  members: [string, Reference][],
  from: Record<string, unknown>,
  convert: (to: Reference, value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    members
      .filter(([name]) => Object.hasOwn(from, name) && isThere(from[name]))
      .map(([name, reference]) => [name, convert(reference, from[name])]),
  );
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
