import { heartbeat } from '@temporalio/activity';
import type { GoldenRequest, ValidationPlan } from '../../plan/compiled/validation-plan.js';
import type { CheckResult, Invoke } from './invoke-variant.js';

/**
 * Sends the requests one after another, so that the time does not include a queue of this check. Only answered
 * requests count for the percentile. Each failed request counts as a problem, however fast it fails.
 */
export async function measureLatency(
  invoke: Invoke,
  latency: NonNullable<ValidationPlan['latency']>,
  requests: GoldenRequest[],
): Promise<CheckResult & { ms: number | null }> {
  const tookMs: number[] = [];
  const statuses: (number | null)[] = [];
  for (let n = 0; n < latency.requests; n += 1) {
    const request = requests[n % requests.length];
    if (request === undefined) return notMeasured('there are no requests');
    const reply = await invoke(request);
    if (reply.kind === 'answered') tookMs.push(reply.tookMs);
    else statuses.push(reply.status);
    heartbeat();
  }
  const failed = `${statuses.length} of ${latency.requests} timed requests failed`;
  const failures =
    statuses.length === 0 ? [] : [`${failed}, the first with status ${statuses[0] ?? 'unknown'}`];
  const ms = percentileOfValues(tookMs, latency.percentile);
  if (ms === null) return notMeasured(failures.join(''));
  const text = `p${latency.percentile} latency ${ms.toFixed(1)} ms`;
  const slow = ms < latency.belowMs ? [] : [`${text} is not < ${latency.belowMs} ms`];
  return { ms, problems: [...failures, ...slow], message: `${text} < ${latency.belowMs} ms` };
}

function notMeasured(reason: string): CheckResult & { ms: null } {
  return { ms: null, problems: [`cannot measure latency: ${reason}`], message: '' };
}

/**
 * Nearest rank: the smallest value that at least `percentile` percent of the values do not exceed. Null without
 * values.
 */
export function percentileOfValues(values: number[], percentile: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? null;
}
