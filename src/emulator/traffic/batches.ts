import { Distribution } from '../cloudwatch/metrics/distribution.js';
import { Random } from '../account/random.js';
import { drawLatencies } from './latency.js';
import type { Quantiles } from './latency-shape.js';

/** Simulated requests of about the same time. What is kept of their latencies is what it takes to draw them. */
export interface Batch {
  /** Epoch ms. */
  at: number;
  requests: number;
  /** The container's; null: it has none. */
  latencyMs: Quantiles | null;
}

export type LatencyKind = 'model' | 'overhead';

const overheadMs: Quantiles = { p50: 4, p99: 12 };
/** What five minutes take, of users of three sorts. */
const maximumBatches = 16;

/** Alarms ask for the newest periods every minute. */
const drawnBefore: Record<LatencyKind, WeakMap<Batch, Distribution>> = {
  model: new WeakMap(),
  overhead: new WeakMap(),
};

/** In microseconds; the same batch and seed have the same latencies whenever they are drawn. */
export function latenciesOf(batch: Batch, kind: LatencyKind, seed: number): Distribution {
  const known = drawnBefore[kind].get(batch);
  if (known) return known;
  const quantiles = kind === 'model' ? batch.latencyMs : overheadMs;
  const random = new Random(seed).fork(`${kind}:${batch.at}:${JSON.stringify(batch.latencyMs)}`);
  const drawn = quantiles ? drawLatencies(random, quantiles, batch.requests) : new Distribution();
  drawnBefore[kind].set(batch, drawn);
  return drawn;
}

/** Where there are too many, those that were answered alike become one: their latencies are then drawn anew. */
export function withBatches(some: Batch[], more: Batch[]): Batch[] {
  const all = some.length > 0 ? [...some, ...more] : more;
  if (all.length <= maximumBatches) return all;
  const alike = new Map<string, Batch>();
  for (const batch of all) {
    const key = JSON.stringify(batch.latencyMs);
    const { at, requests } = alike.get(key) ?? { at: batch.at, requests: 0 };
    alike.set(key, { at, requests: requests + batch.requests, latencyMs: batch.latencyMs });
  }
  return [...alike.values()];
}
