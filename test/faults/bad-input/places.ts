/** Finds the parts of a parsed spec in which a mutation is certainly invalid. */
import { readFileSync } from 'node:fs';
import { formatPath } from '../../../src/plan/spec/spec-error.js';

export type Path = (string | number)[];
export type Fields = Record<string, unknown>;

export interface Place {
  path: Path;
  value: unknown;
}

/** Fields whose content is free: names that the user chooses, or any value. */
const free = ['body', 'expect', 'hyperparameters', 'input', 'dimensions', 'metrics'];

/** All parts whose form the schema defines. The first is the whole spec. */
export function placesIn(value: unknown, path: Path = []): Place[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...(value as unknown[]).entries()]
    : Object.entries(value);
  const fixed = entries.filter(([key]) => !free.includes(String(key)));
  return [{ path, value }, ...fixed.flatMap(([key, each]) => placesIn(each, [...path, key]))];
}

export function objectsIn(spec: unknown): (Place & { value: Fields })[] {
  return placesIn(spec).filter((place): place is Place & { value: Fields } => isFields(place.value));
}

export function textsIn(spec: unknown, like: RegExp): (Place & { value: string })[] {
  return placesIn(spec).filter(
    (place): place is Place & { value: string } => typeof place.value === 'string' && like.test(place.value),
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy with another value at the path; undefined removes the field. */
export function put(whole: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const within = (whole as Record<string | number, unknown>)[key];
  const changed = put(within, rest, value);
  if (Array.isArray(whole)) return whole.map((each: unknown, i) => (i === key ? changed : each));
  const others = Object.entries(whole as object).filter(([name]) => name !== key);
  return changed === undefined && rest.length === 0
    ? Object.fromEntries(others)
    : Object.fromEntries([
        ...Object.entries(whole as object).filter(([name]) => name !== key),
        [key, changed],
      ]);
}

/** The last part of the path that is a name. */
export function fieldOf(path: Path): string {
  return String(path.findLast((key) => typeof key === 'string') ?? '');
}

/** Whether one path contains the other. */
export function touches(problemPath: string, path: Path): boolean {
  const own = formatPath(path);
  return problemPath.startsWith(own) || own.startsWith(problemPath);
}

/** All field names in the published schemas. */
export const knownNames = new Set(
  ['rollout', 'waves'].flatMap((name) =>
    namesIn(
      JSON.parse(readFileSync(new URL(`../../../schema/${name}.schema.json`, import.meta.url), 'utf8')),
    ),
  ),
);

function namesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(namesIn)];
}
