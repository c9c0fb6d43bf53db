/** Limits that a schema does not check: nesting depth and the name `__proto__`. */

export const maxDepth = 100;

export interface InvalidJson {
  segments: PropertyKey[];
  found: string;
  allowed: string;
  message: string;
}

interface JsonPosition {
  value: object;
  depth: number;
  key: PropertyKey;
  parent: JsonPosition | null;
}

/**
 * The first invalid part. Null if there is none. Not recursive, because JSON from the network can be nested very
 * deeply.
 */
export function findInvalidJson(json: unknown): InvalidJson | null {
  if (typeof json !== 'object' || json === null) return null;
  const open: JsonPosition[] = [{ value: json, depth: 1, key: '', parent: null }];
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    const { value, depth } = position;
    if (depth > maxDepth)
      return {
        segments: pathTo(position).slice(0, 5),
        found: `more than ${maxDepth} levels`,
        allowed: `at most ${maxDepth} nested levels`,
        message: 'The value is nested too deeply.',
      };
    if (Object.hasOwn(value, '__proto__'))
      return {
        segments: [...pathTo(position), '__proto__'],
        found: '__proto__',
        allowed: 'any other name',
        message: 'The name __proto__ is reserved in JavaScript.',
      };
    for (const [key, child] of entriesOf(value))
      if (typeof child === 'object' && child !== null)
        open.push({ value: child, depth: depth + 1, key, parent: position });
  }
  return null;
}

function entriesOf(value: object): Iterable<[PropertyKey, unknown]> {
  return Array.isArray(value) ? (value as unknown[]).entries() : Object.entries(value);
}

function pathTo(position: JsonPosition): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let at = position; at.parent !== null; at = at.parent) path.unshift(at.key);
  return path;
}
