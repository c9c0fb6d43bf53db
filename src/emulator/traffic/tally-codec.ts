import { Reader, Writer } from '../cloudwatch/metrics/packing.js';
import type { MetricPoint } from '../cloudwatch/metrics/point.js';
import { type PointCodec, decodeDistribution, writeDistribution } from '../cloudwatch/metrics/point-codec.js';
import type { Quantiles } from './latency-shape.js';
import { InvocationTally } from './tally.js';

/** Packs tallies without conversions. A minute takes about 12 bytes for any traffic. */
export const tallyCodec: PointCodec<InvocationTally> = { encode, decode };

const writer = new Writer();

function encode(points: readonly MetricPoint<InvocationTally>[]): Uint8Array {
  const shapes = new Shapes();
  for (const { values } of points) for (const { latencyMs } of values.batches) shapes.indexOf(latencyMs);
  writer.number(points.length);
  shapes.write(writer);
  const times = new BatchTimes();
  const fleet = new FleetState();
  let previous = 0;
  let stepMs = 0;
  for (const { start, values } of points) {
    // The distance is usually that of the two previous points.
    writer.number(start - previous - stepMs);
    stepMs = start - previous;
    previous = start;
    writeTally(start, values, { shapes, times, fleet });
  }
  return writer.take();
}

function decode(bytes: Uint8Array): MetricPoint<InvocationTally>[] {
  const reader = new Reader(bytes);
  const points: MetricPoint<InvocationTally>[] = [];
  while (!reader.ended) {
    let left = reader.number();
    const shapes = readShapes(reader);
    const times = new BatchTimes();
    const fleet = new FleetState();
    let start = 0;
    for (let stepMs = 0; left > 0; left -= 1) {
      stepMs += reader.number();
      start += stepMs;
      points.push({ start, values: readTally(start, reader, { shapes, times, fleet }) });
    }
  }
  return points;
}

function writeTally(
  start: number,
  tally: InvocationTally,
  { shapes, times, fleet }: { shapes: Shapes; times: BatchTimes; fleet: FleetState },
): void {
  const { invocations, errors4xx, errors5xx, modelErrors, batches, measured } = tally;
  for (const count of [invocations, errors4xx, errors5xx, modelErrors]) writer.number(count);
  const hasChanged = fleet.hasChanged(tally);
  writer.number(4 * batches.length + (hasChanged ? 2 : 0) + (measured ? 1 : 0));
  if (hasChanged) fleet.write(tally);
  times.begin(start);
  for (const { at, requests, latencyMs } of batches) {
    writer.number(shapes.indexOf(latencyMs));
    writer.number(at - times.expected);
    times.learn(at);
    writer.number(requests);
  }
  if (!measured) return;
  writeDistribution(writer, measured.model);
  writeDistribution(writer, measured.overhead);
}

function readTally(
  start: number,
  reader: Reader,
  { shapes, times, fleet }: { shapes: (Quantiles | null)[]; times: BatchTimes; fleet: FleetState },
): InvocationTally {
  const tally = new InvocationTally();
  tally.invocations = reader.number();
  tally.errors4xx = reader.number();
  tally.errors5xx = reader.number();
  tally.modelErrors = reader.number();
  const parts = reader.number();
  if (Math.floor(parts / 2) % 2 === 1) fleet.read(reader);
  fleet.applyTo(tally);
  times.begin(start);
  for (let left = Math.floor(parts / 4); left > 0; left -= 1) {
    const latencyMs = shapes[reader.number()] ?? null;
    const at = times.expected + reader.number();
    times.learn(at);
    tally.batches.push({ at, requests: reader.number(), latencyMs });
  }
  if (parts % 2 === 1) {
    tally.measured = { model: decodeDistribution(reader), overhead: decodeDistribution(reader) };
  }
  return tally;
}

/** Instances and length of the period are usually those of the previous point, so only changes are written. */
class FleetState {
  private instances = 0;
  private seconds = 60;

  hasChanged(tally: InvocationTally): boolean {
    return meanInstances(tally) !== this.instances || tally.seconds !== this.seconds;
  }

  write(tally: InvocationTally): void {
    this.instances = meanInstances(tally);
    this.seconds = tally.seconds;
    writer.numbers([this.instances, this.seconds]);
  }

  read(reader: Reader): void {
    const [instances = 0, seconds = 60] = reader.numbers();
    this.instances = instances;
    this.seconds = seconds;
  }

  applyTo(tally: InvocationTally): void {
    tally.seconds = this.seconds;
    if (this.instances > 0) tally.perInstance = tally.invocations / this.instances;
  }
}

/** 0 without instances. Rounded, because a whole number takes one byte instead of nine. */
function meanInstances({ invocations, perInstance }: InvocationTally): number {
  if (perInstance === 0) return 0;
  const mean = invocations / perInstance;
  const whole = Math.round(mean);
  return Math.abs(mean - whole) < 1e-9 * whole ? whole : mean;
}

/** Batches usually follow each other like in the previous point, so only differences are written. */
class BatchTimes {
  expected = 0;
  private start: number | null = null;
  private offsetMs = 0;
  private stepMs = 0;

  begin(start: number): void {
    this.start = start;
    this.expected = start + this.offsetMs;
  }

  learn(at: number): void {
    if (this.start === null) this.stepMs += at - this.expected;
    else this.offsetMs = at - this.start;
    this.start = null;
    this.expected = at + this.stepMs;
  }
}

/** The different latencies of a run of points. Each is written once. */
class Shapes {
  private readonly all: (Quantiles | null)[] = [];

  indexOf(latencyMs: Quantiles | null): number {
    const index = this.all.indexOf(latencyMs);
    return index === -1 ? this.all.push(latencyMs) - 1 : index;
  }

  write(to: Writer): void {
    to.number(this.all.length);
    for (const latencyMs of this.all) {
      const knots = Object.entries(latencyMs ?? {});
      to.number(knots.length);
      for (const [percentile, value] of knots) to.numbers([Number(percentile.slice(1)), value ?? 0]);
    }
  }
}

function readShapes(reader: Reader): (Quantiles | null)[] {
  const shapes: (Quantiles | null)[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const quantiles: Quantiles = {};
    let knots = reader.number();
    const known = knots > 0;
    for (; knots > 0; knots -= 1) {
      const [percentile, value] = reader.numbers();
      quantiles[`p${percentile ?? 0}`] = value;
    }
    shapes.push(known ? quantiles : null);
  }
  return shapes;
}
