/** Plain data as a JSON graph. Shared objects stay shared, and Maps, Sets, Dates and bytes keep their types. */

/** Encoding of the instances of a class. */
export interface Codec<Instance extends object> {
  name: string;
  type: abstract new (...given: never[]) => Instance;
  encode(instance: Instance): unknown;
  decode(plain: never): Instance;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** The first node is the root. Objects refer to each other by their index. */
export type Graph = Node[];
type Node = [kind: string, content: Json];

const numbers: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity };

/** Throws TypeError for any other value, such as a function. */
export function encodeGraph(root: object, codecs: Codec<object>[]): Graph {
  const nodes: Graph = [];
  const indices = new Map<object, number>();
  const encode = (value: unknown): Json => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (value === undefined || typeof value === 'number') {
      return typeof value === 'number' && Number.isFinite(value) ? value : { is: String(value) };
    }
    if (typeof value !== 'object') throw new TypeError(`cannot store a ${typeof value}`);
    const index = indices.get(value) ?? nodes.length;
    if (!indices.has(value)) {
      indices.set(value, index);
      nodes.push(['', null]);
      nodes[index] = encodeNode(value);
    }
    return { at: index };
  };
  const encodeMembers = (value: object): Json =>
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encode(member)]));
  const encodeNode = (value: object): Node => {
    const codec = codecs.find((each) => value instanceof each.type);
    if (codec) return [codec.name, encode(codec.encode(value))];
    if (Array.isArray(value)) return ['array', value.map(encode)];
    if (value instanceof Map) return ['map', [...value].map((entry) => entry.map(encode))];
    if (value instanceof Set) return ['set', [...value].map(encode)];
    if (value instanceof Date) return ['date', value.getTime()];
    if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('base64')];
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(`cannot store a ${value.constructor.name}`);
    }
    return ['object', encodeMembers(value)];
  };
  encode(root);
  return nodes;
}

/** Throws TypeError if the graph is invalid. */
export function decodeGraph(graph: Graph, codecs: Codec<object>[]): unknown {
  const decoded = new Map<number, unknown>();
  const decode = (json: Json): unknown => {
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) throw new TypeError('expected a value, got a list');
    if (typeof json['is'] === 'string') return numbers[json['is']];
    const index = json['at'];
    const node = typeof index === 'number' ? graph[index] : undefined;
    if (typeof index !== 'number' || !node) throw new TypeError('a reference has no target');
    if (!decoded.has(index)) decodeNode(index, node);
    return decoded.get(index);
  };
  const keep = <T>(index: number, value: T): T => {
    decoded.set(index, value);
    return value;
  };
  /** Stores each object before its members are decoded, because they can refer back to it. */
  const decodeNode = (index: number, [kind, content]: Node): void => {
    const codec = codecs.find((each) => each.name === kind);
    if (codec) return void keep(index, codec.decode(decode(content) as never));
    switch (kind) {
      case 'array':
        return void keep<unknown[]>(index, []).push(...listOf(content).map(decode));
      case 'set': {
        const set = keep(index, new Set());
        for (const member of listOf(content)) set.add(decode(member));
        return;
      }
      case 'map': {
        const map = keep(index, new Map());
        for (const entry of listOf(content)) {
          const [key, value] = listOf(entry).map(decode);
          map.set(key, value);
        }
        return;
      }
      case 'object': {
        const members = Object.entries(content as object).map(([name, member]) => [name, member as Json]);
        const object = keep<object>(index, {});
        for (const [name, member] of members as [string, Json][]) {
          Object.defineProperty(object, name, {
            value: decode(member),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        }
        return;
      }
      case 'date':
        return void keep(index, new Date(Number(content)));
      case 'bytes':
        return void keep(index, new Uint8Array(Buffer.from(content as string, 'base64')));
      default:
        throw new TypeError(`unknown kind ${kind}`);
    }
  };
  return decode({ at: 0 });
}

function listOf(json: Json): Json[] {
  if (!Array.isArray(json)) throw new TypeError('expected a list');
  return json;
}
