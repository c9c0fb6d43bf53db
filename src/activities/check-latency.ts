import { heartbeat } from '@temporalio/activity';
import type { GoldenRequest, ValidationPlan } from '../plan/frozen/validation-plan.js';
import type { Invoke } from './invoke-variant.js';
import type { Check } from './check.js';

/** One request after another, so that it is the model that is timed and not a queue of our own making. */
export async function checkLatency(
  invoke: Invoke,
  latency: NonNullable<ValidationPlan['latency']>,
  requests: GoldenRequest[],
): Promise<Check & { ms: number | null }> {
  const tookMs: number[] = [];
  for (let n = 0; n < latency.requests; n += 1) {
    const request = requests[n % requests.length];
    if (request === undefined) return notMeasured('without requests');
    tookMs.push((await invoke(request)).tookMs);
    heartbeat();
  }
  const ms = percentileOf(tookMs, latency.percentile);
  if (ms === null) return notMeasured('by no requests');
  const text = `p${latency.percentile} latency ${ms.toFixed(1)} ms`;
  const holds = ms < latency.belowMs;
  const problems = holds ? [] : [`${text} is not < ${latency.belowMs} ms`];
  return { ms, problems, sentence: `${text} < ${latency.belowMs} ms` };
}

function notMeasured(why: string): Check & { ms: null } {
  return { ms: null, problems: [`latency cannot be measured ${why}`], sentence: '' };
}

/** Nearest rank: the smallest value that at least `percentile` percent of the values do not exceed. Null of none. */
export function percentileOf(values: number[], percentile: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? null;
}
