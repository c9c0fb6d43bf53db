import { Distribution } from './distribution.js';
import { Reader, Writer } from './packing.js';
import type { MetricPoint } from './point.js';
import { type ValueCount, ValueHistogram } from './values.js';

/** Packs points in order of time. Packed runs of points can be concatenated. */
export interface PointCodec<Values> {
  encode(points: readonly MetricPoint<Values>[]): Uint8Array;
  decode(bytes: Uint8Array): MetricPoint<Values>[];
}

/** For points of a metric: a point of a latency takes about 300 bytes, a point of a count about 15. */
export const distributionCodec: PointCodec<Distribution> = { encode: encodePoints, decode: decodePoints };

/** One shared writer, because no two calls use it at the same time. It keeps the buffer size that it once needed. */
const writer = new Writer();

function encodePoints(points: readonly MetricPoint[]): Uint8Array {
  let previous = 0;
  writer.number(points.length);
  for (const { start, values } of points) {
    writer.number(start - previous);
    previous = start;
    writeDistribution(writer, values);
  }
  return writer.take();
}

function decodePoints(bytes: Uint8Array): MetricPoint[] {
  const reader = new Reader(bytes);
  const points: MetricPoint[] = [];
  while (!reader.ended) {
    let start = 0;
    for (let left = reader.number(); left > 0; left -= 1) {
      start += reader.number();
      points.push({ start, values: decodeDistribution(reader) });
    }
  }
  return points;
}

export function writeDistribution(to: Writer, { count, sum, minimum, maximum, values }: Distribution): void {
  for (const figure of [count, sum, minimum, maximum]) to.number(figure);
  writeValues(to, values);
}

export function decodeDistribution(reader: Reader): Distribution {
  const distribution = new Distribution();
  distribution.count = reader.number();
  distribution.sum = reader.number();
  distribution.minimum = reader.number();
  distribution.maximum = reader.number();
  distribution.values = readValues(reader);
  return distribution;
}

const kinds = { unknown: 0, exact: 1, buckets: 2 };

function writeValues(to: Writer, values: ValueHistogram | null): void {
  const parts = values?.toParts();
  if (!parts) {
    to.number(kinds.unknown);
  } else if ('exact' in parts) {
    to.number(kinds.exact);
    to.numbers(parts.exact.flat());
  } else {
    to.number(kinds.buckets);
    to.number(parts.zeros);
    to.number(parts.first);
    to.numbers(parts.counts);
  }
}

function readValues(reader: Reader): ValueHistogram | null {
  const kind = reader.number();
  if (kind === kinds.unknown) return null;
  if (kind === kinds.exact) {
    const flat = reader.numbers();
    const exact: ValueCount[] = [];
    for (let index = 0; index < flat.length; index += 2) exact.push([flat[index] ?? 0, flat[index + 1] ?? 0]);
    return ValueHistogram.fromParts({ exact });
  }
  return ValueHistogram.fromParts({
    zeros: reader.number(),
    first: reader.number(),
    counts: reader.numbers(),
  });
}
