/** Positions of paths in a YAML document. */
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type LineCounter,
  type Node,
  type Pair,
} from 'yaml';
import type { Locate } from '../problems.js';

/** Position of the path, or of its nearest existing parent. `targets`: the node of each alias. */
export function locateIn(contents: unknown, lines: LineCounter, targets: Map<Alias, Node>): Locate {
  const resolve = (node: unknown) => (isAlias(node) ? targets.get(node) : node);
  return (path, at) => {
    let node = resolve(contents);
    let offset = offsetOf(node) ?? 0;
    for (const [i, key] of path.entries()) {
      const entry = entryOf(node, key);
      if (entry === undefined) break;
      node = resolve(isPair(entry) ? entry.value : entry);
      const byKey = isPair(entry) && (i < path.length - 1 || at === 'key' || isBlock(node));
      offset = offsetOf(byKey ? entry.key : node) ?? offset;
    }
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}

/** A block value begins on a later line than its key. People look for the key. */
function isBlock(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}

function entryOf(node: unknown, key: PropertyKey): Pair | object | undefined {
  if (isSeq(node) && typeof key === 'number') return node.items[key] as object | undefined;
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function offsetOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
