import { membersOf, type Reference, type ServiceModel, type Shape, shapeOf } from './model.js';
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

/** The violations of the model's rules by a request. Its members already have the right types. */
export function findViolations(model: ServiceModel, input: Reference, value: unknown): Violation[] {
  const check = new Check(model);
  check.value(value, shapeOf(model, input));
  return check.found;
}

/** Keeps one path for all values, because most requests violate nothing. */
class Check {
  readonly found: Violation[] = [];
  private readonly path: Violation['path'] = [];

  constructor(private readonly model: ServiceModel) {}

  value(value: unknown, shape: Shape): void {
    for (const rule of rulesOf(shape)) if (breaks(rule, value)) this.add(value, rule, shape);
    if (shape.type === 'structure') this.members(value as Record<string, unknown>, shape);
    else if (shape.type === 'list') this.list(value as unknown[], shape);
    else if (shape.type === 'map') this.map(value as Record<string, unknown>, shape);
  }

  private members(value: Record<string, unknown>, shape: Shape): void {
    for (const name of shape.required ?? [])
      if (value[name] === undefined)
        this.found.push({ path: [...this.path, name], value: null, rule: { kind: 'required' }, shape });
    for (const [name, reference] of membersOf(shape)) {
      const member = value[name];
      if (member === undefined) continue;
      this.path.push(name);
      this.value(member, shapeOf(this.model, reference));
      this.path.pop();
    }
  }

  private list(items: unknown[], shape: Shape): void {
    if (!shape.member) return;
    const itemShape = shapeOf(this.model, shape.member);
    if (isPlain(itemShape)) return this.plainItems(items, itemShape, 'Member', { value: items, shape });
    for (let index = 0; index < items.length; index += 1) {
      this.path.push(index + 1, 'member');
      this.value(items[index], itemShape);
      this.path.length -= 2;
    }
  }

  private map(entries: Record<string, unknown>, shape: Shape): void {
    const whole = { value: entries, shape };
    if (shape.key) this.plainItems(Object.keys(entries), shapeOf(this.model, shape.key), 'Map keys', whole);
    if (!shape.value) return;
    const valueShape = shapeOf(this.model, shape.value);
    if (isPlain(valueShape)) return this.plainItems(Object.values(entries), valueShape, 'Map value', whole);
    for (const [key, each] of Object.entries(entries)) {
      this.path.push(key, 'member');
      this.value(each, valueShape);
      this.path.length -= 2;
    }
  }

  private plainItems(
    items: unknown[],
    itemShape: Shape,
    of: 'Member' | 'Map keys' | 'Map value',
    whole: { value: unknown; shape: Shape },
  ): void {
    const rules = rulesOf(itemShape);
    if (rules.length === 0) return;
    const bad = items.some((item) => rules.some((rule) => breaks(rule, item)));
    if (bad) this.add(whole.value, { kind: 'items', of, rules }, whole.shape);
  }

  private add(value: unknown, rule: Rule, shape: Shape): void {
    this.found.push({ path: [...this.path], value, rule, shape });
  }
}

function isPlain({ type }: Shape): boolean {
  return type !== 'structure' && type !== 'list' && type !== 'map';
}

const rules = new WeakMap<Shape, Rule[]>();

function rulesOf(shape: Shape): Rule[] {
  const known = rules.get(shape);
  if (known) return known;
  const found = listRules(shape);
  rules.set(shape, found);
  return found;
}

function listRules(shape: Shape): Rule[] {
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
