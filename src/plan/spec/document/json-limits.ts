/** What no schema looks for: it asks about the fields that it knows, and free text may hold anything. */

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

/** The first of it; null where there is none. Without recursion: what came over the wire may be as deep as it is long. */
export function findInvalidJson(json: unknown): InvalidJson | null {
  if (typeof json !== 'object' || json === null) return null;
  const open: JsonPosition[] = [{ value: json, depth: 1, key: '', parent: null }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, depth } = place;
    if (depth > maxDepth)
      return {
        segments: pathTo(place).slice(0, 5),
        found: `more than ${maxDepth} levels`,
        allowed: `at most ${maxDepth} levels, one within another`,
        message: 'It is nested too deeply.',
      };
    if (Object.hasOwn(value, '__proto__'))
      return {
        segments: [...pathTo(place), '__proto__'],
        found: '__proto__',
        allowed: 'any other name',
        message: 'JavaScript has a meaning of its own for the name __proto__.',
      };
    for (const [key, child] of entriesOf(value))
      if (typeof child === 'object' && child !== null)
        open.push({ value: child, depth: depth + 1, key, parent: place });
  }
  return null;
}

function entriesOf(value: object): Iterable<[PropertyKey, unknown]> {
  return Array.isArray(value) ? (value as unknown[]).entries() : Object.entries(value);
}

function pathTo(place: JsonPosition): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let at = place; at.parent !== null; at = at.parent) path.unshift(at.key);
  return path;
}
