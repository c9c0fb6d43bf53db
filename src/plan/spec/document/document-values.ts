/** Converts a YAML document to JSON, and finds values that JSON cannot represent. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Alias, type Node, type YAMLMap } from 'yaml';
import { truncateText } from '../../units/shorten.js';

/** `length`: number of characters and values, with aliases expanded. */
interface ExpandedValue {
  json: unknown;
  length: number;
}

export interface InvalidValue {
  node: unknown;
  found: string;
  allowed: string;
  message: string;
}

/** Without a limit, aliases in a few lines of text can expand to gigabytes. */
const maxExpandedLength = 1_000_000;

export class DocumentValues {
  readonly rejected: InvalidValue[] = [];
  /** The node of each alias. */
  readonly targets = new Map<Alias, Node>();
  /** Null while the node itself is being read. */
  private readonly anchors = new Map<string, { node: Node; value: ExpandedValue | null }>();
  private expandedLength = 0;

  /** Only valid if `rejected` is empty. */
  read(contents: unknown): unknown {
    return this.valueOf(contents).json;
  }

  private valueOf(node: unknown): ExpandedValue {
    if (isAlias(node)) return this.expand(node);
    if (!isNode(node)) return { json: null, length: 1 };
    const { anchor } = node as { anchor?: string };
    const known: { node: Node; value: ExpandedValue | null } = { node, value: null };
    if (anchor !== undefined) this.anchors.set(anchor, known);
    return (known.value = isMap(node) ? this.readMap(node) : this.readOther(node));
  }

  private expand(alias: Alias): ExpandedValue {
    const known = this.anchors.get(alias.source);
    const name = `*${truncateText(alias.source)}`;
    if (known?.value) {
      this.targets.set(alias, known.node);
      this.expandedLength += known.value.length;
      if (this.expandedLength <= maxExpandedLength) return known.value;
      // Report the limit once, for the alias that exceeds it.
      if (this.expandedLength - known.value.length <= maxExpandedLength)
        this.reject(alias, name, 'aliases that expand to at most 1,000,000 characters', 'Too many aliases');
    } else {
      const why = known ? `${name} refers to a node that contains it` : `${name} does not refer to an anchor`;
      this.reject(alias, name, 'the name of an anchor before it', why);
    }
    return { json: null, length: 1 };
  }

  private readOther(node: Node): ExpandedValue {
    if (isSeq(node)) {
      const items = node.items.map((item) => this.valueOf(item));
      return { json: items.map(({ json }) => json), length: sum(items) };
    }
    const json: unknown = isScalar(node) ? node.value : null;
    if (typeof json === 'number' && !Number.isFinite(json)) {
      const source = truncateText((isScalar(node) && node.source) || String(json));
      this.reject(node, source, 'a finite number', `JSON cannot represent ${source}`);
    }
    return { json, length: 1 + String(json).length };
  }

  private readMap({ items }: YAMLMap): ExpandedValue {
    const read = new Map<string, ExpandedValue>();
    for (const { key, value } of items) {
      const name = nameOf(key);
      if (name === null)
        this.reject(
          key,
          'a key that is not text',
          'text as key',
          'JSON cannot represent a key that is not text',
        );
      else if (read.has(name))
        this.reject(key, truncateText(name), 'each key once', `The key ${truncateText(name)} is duplicated`);
      else read.set(name, this.valueOf(value));
    }
    const json = Object.fromEntries([...read].map(([name, value]) => [name, value.json]));
    const names = [...read.keys()].reduce((length, name) => length + name.length, 0);
    return { json, length: names + sum(read.values()) };
  }

  private reject(node: unknown, found: string, allowed: string, message: string): void {
    this.rejected.push({ node, found, allowed, message });
  }
}

/** Null if the key is not a text, a number or a boolean. */
function nameOf(key: unknown): string | null {
  const value = isScalar(key) ? key.value : null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : null;
}

function sum(values: Iterable<ExpandedValue>): number {
  let length = 1;
  for (const value of values) length += value.length;
  return length;
}
