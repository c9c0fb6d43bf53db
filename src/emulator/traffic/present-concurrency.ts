import type { AccountState } from '../account/account-state.js';
import type { Endpoint } from '../sagemaker/endpoints/endpoint-state.js';
import { servingShares, shadowShares } from '../sagemaker/endpoints/shares.js';
import { slicesOf } from './behaviours.js';
import type { Concurrency } from './concurrency.js';
import { latencyShape, type Quantiles } from './latency-shape.js';

const rateMs = 1000;
const microsecondsPerSecond = 1_000_000;

/** By the expected traffic of a variant with a simulated model. Null: it has no traffic, or publishes no metrics. */
export function presentConcurrency(
  account: AccountState,
  endpoint: Endpoint,
  name: string,
): Concurrency | null {
  const { time, startedAt } = account;
  const found = [...servingShares(endpoint), ...shadowShares(endpoint)].find(
    ({ variant }) => variant.name === name,
  );
  if (!found || found.variant.serving || found.variant.currentCount === 0) return null;
  if (account.outages.isWithheld(endpoint.name, name)) return null;
  const { variant, share } = found;
  const { people, bots } = account.traffic.expected(endpoint.name, time - rateMs, time, startedAt);
  const load = ((people + bots) * share) / (rateMs / 1000) / variant.currentCount;
  if (load === 0) return null;
  const slices = slicesOf(account.behaviours.of(variant.model), { now: time, startedAt, load });
  const seconds = slices.reduce((sum, slice) => sum + slice.share * meanSeconds(slice.profile.latencyMs), 0);
  return { perInstance: load * seconds, instances: variant.currentCount };
}

function meanSeconds(latencyMs: Quantiles | undefined): number {
  if (latencyMs === undefined) return 0;
  let before = 0;
  let sum = 0;
  for (const { upTo, mean } of latencyShape(latencyMs).buckets) {
    sum += mean * (upTo - before);
    before = upTo;
  }
  return sum / microsecondsPerSecond;
}
