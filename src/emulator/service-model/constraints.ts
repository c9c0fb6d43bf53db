import { type Reference, type ServiceModel, type Shape, shapeOf } from './model.js';
import { compilePattern } from './patterns.js';

export type Rule =
  | { kind: 'required' }
  | { kind: 'most' | 'least'; measure: 'value' | 'length'; bound: number }
  | { kind: 'pattern'; pattern: string }
  | { kind: 'enum'; values: string[] }
  /** Constraints of the plain items of a list or map. */
  | { kind: 'items'; of: 'Member' | 'Map keys' | 'Map value'; rules: Rule[] };

export interface Violation {
  /** Names of members. Indices of list members start at 1 and are followed by `member`. */
  path: (string | number)[];
  value: unknown;
  rule: Rule;
  shape: Shape;
}

/** An item of a list or map, and the path to it. */
type Item = [unknown, Violation['path']];

/** The violations of the model's rules by a request. Its members already have the right types. */
export function findViolations(model: ServiceModel, input: Reference, value: unknown): Violation[] {
  return check(value, shapeOf(model, input), []);

  function check(value: unknown, shape: Shape, path: Violation['path']): Violation[] {
    const own = rulesOf(shape)
      .filter((rule) => breaks(rule, value))
      .map((rule) => ({ path, value, rule, shape }));
    return [...own, ...checkInside(value, shape, path)];
  }

  function checkInside(value: unknown, shape: Shape, path: Violation['path']): Violation[] {
    if (shape.type === 'structure') return checkMembers(value as Record<string, unknown>, shape, path);
    if (shape.type === 'list') {
      const items = (value as unknown[]).map((item, index): Item => [item, [index + 1, 'member']]);
      return checkItems(value, items, 'Member', shape.member, shape, path);
    }
    if (shape.type !== 'map') return [];
    const entries = Object.entries(value as object) as [string, unknown][];
    const keys = entries.map(([key]): Item => [key, []]);
    const values = entries.map(([key, each]): Item => [each, [key, 'member']]);
    return [
      ...checkItems(value, keys, 'Map keys', shape.key, shape, path),
      ...checkItems(value, values, 'Map value', shape.value, shape, path),
    ];
  }

  function checkMembers(value: Record<string, unknown>, shape: Shape, path: Violation['path']): Violation[] {
    const missing = (shape.required ?? []).filter((name) => value[name] === undefined);
    return [
      ...missing.map((name) => ({
        path: [...path, name],
        value: null,
        rule: { kind: 'required' as const },
        shape,
      })),
      ...Object.entries(shape.members ?? {}).flatMap(([name, reference]) =>
        value[name] === undefined ? [] : check(value[name], shapeOf(model, reference), [...path, name]),
      ),
    ];
  }

  function checkItems(
    whole: unknown,
    items: Item[],
    of: 'Member' | 'Map keys' | 'Map value',
    reference: Reference | undefined,
    shape: Shape,
    path: Violation['path'],
  ): Violation[] {
    if (!reference) return [];
    const itemShape = shapeOf(model, reference);
    if (['structure', 'list', 'map'].includes(itemShape.type)) {
      return items.flatMap(([item, steps]) => check(item, itemShape, [...path, ...steps]));
    }
    const rules = rulesOf(itemShape);
    const bad = items.some(([item]) => rules.some((rule) => breaks(rule, item)));
    return bad ? [{ path, value: whole, rule: { kind: 'items', of, rules }, shape }] : [];
  }
}

function rulesOf(shape: Shape): Rule[] {
  const { min, max, pattern, enum: values } = shape;
  const measure = ['integer', 'long', 'float', 'double'].includes(shape.type) ? 'value' : 'length';
  return [
    ...(max === undefined ? [] : [{ kind: 'most' as const, measure, bound: max } as const]),
    ...(min === undefined ? [] : [{ kind: 'least' as const, measure, bound: min } as const]),
    ...(pattern === undefined ? [] : [{ kind: 'pattern' as const, pattern }]),
    ...(values === undefined ? [] : [{ kind: 'enum' as const, values }]),
  ];
}

function breaks(rule: Rule, value: unknown): boolean {
  switch (rule.kind) {
    case 'required':
      return value === undefined;
    case 'most':
      return !(measure(value) <= rule.bound);
    case 'least':
      return !(measure(value) >= rule.bound);
    case 'pattern':
      return !compilePattern(rule.pattern).test(String(value));
    case 'enum':
      return !rule.values.includes(String(value));
    case 'items':
      return (value as unknown[]).some((item) => rule.rules.some((each) => breaks(each, item)));
  }
}

/** The value of a number, the length of a text, list or blob, or the size of a map. */
function measure(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return Object.keys(value as object).length;
}
