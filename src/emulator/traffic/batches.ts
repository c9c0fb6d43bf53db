import { Distribution } from '../cloudwatch/metrics/distribution.js';
import { Random } from '../account/random.js';
import { drawLatencies } from './latency.js';
import type { Quantiles } from './latency-shape.js';

/** Simulated requests of about the same time. Their latencies are not stored: they are drawn from this data. */
export interface Batch {
  /** Epoch ms. */
  at: number;
  requests: number;
  /** Latency of the container. Null: it has none. */
  latencyMs: Quantiles | null;
}

export type LatencyKind = 'model' | 'overhead';

const overheadMs: Quantiles = { p50: 4, p99: 12 };
/** Enough for five minutes with three kinds of users. */
const maximumBatches = 16;

/** Max cached distributions: those that alarms and guardrails over the last hours read again and again. */
const maximumKept = 4_096;
const drawnBefore = new Map<string, Distribution>();
/** A cache by batch object: a lookup by key takes as long as drawing few latencies. */
const drawnOf = new WeakMap<Batch, { seed: number } & Partial<Record<LatencyKind, Distribution>>>();

/** Latencies in microseconds. The same batch and seed always give the same latencies. */
export function latenciesOf(batch: Batch, kind: LatencyKind, seed: number): Distribution {
  let known = drawnOf.get(batch);
  if (known?.seed !== seed) drawnOf.set(batch, (known = { seed }));
  return (known[kind] ??= findLatencies(batch, kind, seed));
}

function findLatencies(batch: Batch, kind: LatencyKind, seed: number): Distribution {
  const quantiles = kind === 'model' ? batch.latencyMs : overheadMs;
  if (quantiles === null) return new Distribution();
  // The key has all that the latencies depend on. A batch that was packed meanwhile is another object.
  const stream = `${kind}:${batch.at}:${JSON.stringify(batch.latencyMs)}`;
  const key = `${seed}:${batch.requests}:${stream}`;
  const known = drawnBefore.get(key);
  if (known) return known;
  if (drawnBefore.size >= maximumKept) drawnBefore.clear();
  const drawn = drawLatencies(new Random(seed).fork(stream), quantiles, batch.requests);
  drawnBefore.set(key, drawn);
  return drawn;
}

/** If there are too many batches, those with equal latency settings are joined, and their latencies are drawn again. */
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
