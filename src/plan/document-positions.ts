/** Where in a YAML document a path is. */
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Pair,
} from 'yaml';
import type { Locate } from './spec/problems.js';

/** The place of the path, or of the nearest thing around it that is there. */
export function locateIn(doc: Document, lines: LineCounter): Locate {
  return (path, at) => {
    let node = resolve(doc, doc.contents);
    let offset = offsetOf(node);
    for (const [i, key] of path.entries()) {
      const entry = entryOf(node, key);
      if (entry === undefined) break;
      node = resolve(doc, isPair(entry) ? entry.value : entry);
      const byKey = isPair(entry) && (i < path.length - 1 || at === 'key' || isBlock(node));
      offset = offsetOf(byKey ? entry.key : node) ?? offset;
    }
    if (offset === null) return null;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}

/** Such a value begins on a later line than its name, which is what people look for. */
function isBlock(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}

function entryOf(node: unknown, key: PropertyKey): Pair | object | undefined {
  if (isSeq(node) && typeof key === 'number') return node.items[key] as object | undefined;
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function resolve(doc: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(doc) : node;
}

function offsetOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
