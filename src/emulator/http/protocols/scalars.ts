import type { Shape } from '../../service-model/model.js';
import { malformedInput } from './structures.js';

const typeNames: Record<string, string> = {
  string: 'a String',
  integer: 'an Integer',
  long: 'a Long',
  float: 'a Float',
  double: 'a Double',
  boolean: 'a Boolean',
  blob: 'a Blob',
  timestamp: 'milliseconds since epoch',
};
const plainTypes: Record<string, string> = {
  string: 'string',
  boolean: 'boolean',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
};
const maxIntegers: Record<string, number> = { integer: 2 ** 31 - 1, long: Number.MAX_SAFE_INTEGER };
const specialNumbers = new Set(['NaN', 'Infinity', '-Infinity']);

/** Reads a scalar from JSON: times are epoch seconds, blobs are base64, NaN and the infinities are texts. */
export function readJsonScalar(raw: unknown, shape: Shape): unknown {
  if (shape.type === 'timestamp' && typeof raw === 'number') return requireDate(raw * 1000);
  if (shape.type === 'blob' && typeof raw === 'string') return Buffer.from(raw, 'base64');
  if ((shape.type === 'float' || shape.type === 'double') && specialNumbers.has(String(raw))) {
    return Number(raw);
  }
  return readPlainScalar(raw, shape);
}

/** Texts, numbers and flags, which all typed formats encode in the same way. */
export function readPlainScalar(raw: unknown, { type }: Shape): unknown {
  if (typeof raw !== plainTypes[type]) {
    throw malformedInput(`${describe(raw)} can not be converted to ${typeNames[type] ?? type}`);
  }
  return type === 'integer' || type === 'long' ? requireInteger(raw as number, type) : raw;
}

/** Reads a scalar from text, as in forms, paths and headers. Times are ISO 8601 or epoch seconds. */
export function readTextScalar(text: string, shape: Shape): unknown {
  const { type } = shape;
  if (type === 'string') return text;
  if (type === 'blob') return Buffer.from(text, 'base64');
  if (type === 'boolean') return readPlainScalar({ true: true, false: false }[text] ?? text, shape);
  if (type === 'timestamp') {
    return requireDate(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));
  }
  if ((type === 'float' || type === 'double') && specialNumbers.has(text)) return Number(text);
  return readPlainScalar(toNumber(text), shape);
}

export function requireDate(epochMs: number): Date {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) throw malformedInput('timestamp must follow ISO8601');
  return date;
}

export function writeJsonScalar(value: unknown, shape: Shape): unknown {
  if (shape.type === 'timestamp') return toDate(value).getTime() / 1000;
  if (shape.type === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : requireType(value, shape);
}

export function writeTextScalar(value: unknown, shape: Shape): string {
  if (shape.type === 'timestamp') return toDate(value).toISOString().replace('.000Z', 'Z');
  if (shape.type === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  return String(requireType(value, shape));
}

export function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  throw new Error(`expected a Date, got ${String(value)}`);
}

/** Throws if a response does not have the type of the model, which is a bug of the emulator. */
export function requireType(value: unknown, shape: Shape): unknown {
  if (typeof value === plainTypes[shape.type]) return value;
  throw new Error(`expected type ${shape.type}, got ${JSON.stringify(value)}`);
}

/** Truncates decimals, like Java. */
function requireInteger(raw: number, type: 'integer' | 'long'): number {
  const whole = Math.trunc(raw);
  if (Math.abs(whole) <= (maxIntegers[type] ?? 0)) return whole;
  throw malformedInput(`Numeric value (${raw}) out of range of ${type === 'integer' ? 'int' : 'long'}`);
}

function toNumber(text: string): number | string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function describe(raw: unknown): string {
  if (typeof raw === 'boolean') return raw ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return typeof raw === 'number' ? 'NUMBER_VALUE' : typeof raw === 'string' ? 'STRING_VALUE' : 'VALUE';
}
