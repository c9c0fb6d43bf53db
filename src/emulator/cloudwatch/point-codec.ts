import { Distribution } from './distribution.js';
import type { Point } from './point.js';
import { type Entry, Values } from './values.js';

/** Points in order of time, packed: an hour of one latency metric takes a few kilobytes. */
export function encodePoints(points: readonly Point[]): Uint8Array {
  writer.clear();
  let previous = 0;
  writer.number(points.length);
  for (const { start, values } of points) {
    writer.number(start - previous);
    previous = start;
    for (const figure of [values.count, values.sum, values.minimum, values.maximum]) writer.number(figure);
    encodeValues(writer, values.values);
  }
  return writer.bytes();
}

export function decodePoints(bytes: Uint8Array): Point[] {
  const reader = new Reader(bytes);
  const points: Point[] = [];
  let start = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    start += reader.number();
    const values = new Distribution();
    values.count = reader.number();
    values.sum = reader.number();
    values.minimum = reader.number();
    values.maximum = reader.number();
    values.values = decodeValues(reader);
    points.push({ start, values });
  }
  return points;
}

const kinds = { unknown: 0, exact: 1, buckets: 2 };

function encodeValues(writer: Writer, values: Values | null): void {
  const parts = values?.toParts();
  if (!parts) {
    writer.number(kinds.unknown);
  } else if ('exact' in parts) {
    writer.number(kinds.exact);
    writer.numbers(parts.exact.flat());
  } else {
    writer.number(kinds.buckets);
    writer.number(parts.zeros);
    writer.number(parts.first);
    writer.numbers(parts.counts);
  }
}

function decodeValues(reader: Reader): Values | null {
  const kind = reader.number();
  if (kind === kinds.unknown) return null;
  if (kind === kinds.exact) {
    const flat = reader.numbers();
    const exact: Entry[] = [];
    for (let index = 0; index < flat.length; index += 2) exact.push([flat[index] ?? 0, flat[index + 1] ?? 0]);
    return Values.fromParts({ exact });
  }
  return Values.fromParts({ zeros: reader.number(), first: reader.number(), counts: reader.numbers() });
}

/** What a varint can hold beside the mark that tells it from a float. */
const maximumInteger = 2 ** 50;
const floatMark = 1;

class Writer {
  private buffer = Buffer.allocUnsafe(16 * 1024);
  private length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Whole numbers of 0 and more take as many bytes as they need; any other takes nine. */
  number(value: number): void {
    this.reserve(16);
    if (Number.isInteger(value) && value >= 0 && value < maximumInteger && !Object.is(value, -0)) {
      this.varint(value * 2);
    } else {
      this.varint(floatMark);
      this.length = this.buffer.writeDoubleLE(value, this.length);
    }
  }

  numbers(values: number[]): void {
    this.number(values.length);
    for (const value of values) this.number(value);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(0, this.length));
  }

  private varint(value: number): void {
    let left = value;
    // Bit operations are faster, and good for 31 bits.
    for (; left > 0x7fffffff; left = Math.floor(left / 128)) this.buffer[this.length++] = (left % 128) | 128;
    for (; left >= 128; left >>= 7) this.buffer[this.length++] = (left & 127) | 128;
    this.buffer[this.length++] = left;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    this.buffer = Buffer.concat([this.buffer], this.buffer.length * 2);
  }
}

/** One for all: it is never in use twice at a time, and has the room that it once needed. */
const writer = new Writer();

class Reader {
  private position = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  number(): number {
    const value = this.varint();
    if (value !== floatMark) return value / 2;
    this.position += 8;
    return this.view.getFloat64(this.position - 8, true);
  }

  numbers(): number[] {
    const values: number[] = [];
    for (let left = this.number(); left > 0; left -= 1) values.push(this.number());
    return values;
  }

  private varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.position++] ?? 0;
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
  }
}
