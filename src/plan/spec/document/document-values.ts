/** What a YAML document says, as JSON, and what in it JSON cannot carry. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Alias, type Node, type YAMLMap } from 'yaml';
import { truncateText } from '../../units/shorten.js';

/** `length`: characters and values, with aliases unfolded. */
interface UnfoldedValue {
  json: unknown;
  length: number;
}

export interface InvalidValue {
  node: unknown;
  found: string;
  allowed: string;
  message: string;
}

/** A text of a few lines can otherwise unfold to gigabytes. */
const maxUnfoldedLength = 1_000_000;

export class DocumentValues {
  readonly refused: InvalidValue[] = [];
  /** What each alias stands for. */
  readonly targets = new Map<Alias, Node>();
  /** Null while the node itself is being read. */
  private readonly anchors = new Map<string, { node: Node; value: UnfoldedValue | null }>();
  private unfolded = 0;

  /** Useless where something is refused. */
  read(contents: unknown): unknown {
    return this.valueOf(contents).json;
  }

  private valueOf(node: unknown): UnfoldedValue {
    if (isAlias(node)) return this.unfold(node);
    if (!isNode(node)) return { json: null, length: 1 };
    const { anchor } = node as { anchor?: string };
    const known: { node: Node; value: UnfoldedValue | null } = { node, value: null };
    if (anchor !== undefined) this.anchors.set(anchor, known);
    return (known.value = isMap(node) ? this.readMap(node) : this.readOther(node));
  }

  private unfold(alias: Alias): UnfoldedValue {
    const known = this.anchors.get(alias.source);
    const name = `*${truncateText(alias.source)}`;
    if (known?.value) {
      this.targets.set(alias, known.node);
      this.unfolded += known.value.length;
      if (this.unfolded <= maxUnfoldedLength) return known.value;
      // Each after it would be refused as well.
      if (this.unfolded - known.value.length <= maxUnfoldedLength)
        this.refuse(alias, name, 'aliases that unfold to at most 1,000,000 characters', 'Too many aliases');
    } else {
      const why = known ? `${name} stands within what it stands for` : `${name} stands for nothing`;
      this.refuse(alias, name, 'the name of an anchor before it', why);
    }
    return { json: null, length: 1 };
  }

  private readOther(node: Node): UnfoldedValue {
    if (isSeq(node)) {
      const items = node.items.map((item) => this.valueOf(item));
      return { json: items.map(({ json }) => json), length: sum(items) };
    }
    const json: unknown = isScalar(node) ? node.value : null;
    if (typeof json === 'number' && !Number.isFinite(json)) {
      const source = truncateText((isScalar(node) && node.source) || String(json));
      this.refuse(node, source, 'a finite number', `JSON cannot carry ${source}`);
    }
    return { json, length: 1 + String(json).length };
  }

  private readMap({ items }: YAMLMap): UnfoldedValue {
    const read = new Map<string, UnfoldedValue>();
    for (const { key, value } of items) {
      const name = nameOf(key);
      if (name === null)
        this.refuse(key, 'a key that is no text', 'text as key', 'JSON cannot carry a key that is no text');
      else if (read.has(name))
        this.refuse(
          key,
          truncateText(name),
          'each key once',
          `The key ${truncateText(name)} stands there twice`,
        );
      else read.set(name, this.valueOf(value));
    }
    const json = Object.fromEntries([...read].map(([name, value]) => [name, value.json]));
    const names = [...read.keys()].reduce((length, name) => length + name.length, 0);
    return { json, length: names + sum(read.values()) };
  }

  private refuse(node: unknown, found: string, allowed: string, message: string): void {
    this.refused.push({ node, found, allowed, message });
  }
}

/** Null where it is none. */
function nameOf(key: unknown): string | null {
  const value = isScalar(key) ? key.value : null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : null;
}

function sum(values: Iterable<UnfoldedValue>): number {
  let length = 1;
  for (const value of values) length += value.length;
  return length;
}
