import { heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { GoldenRequest, ValidationPlan } from '../../plan/compiled/validation-plan.js';
import { percentileOfValues } from './check-latency.js';
import type { FailureType } from '../interface/failure-type.js';
import type { CheckResult, Invoke } from './invoke-variant.js';

type Load = NonNullable<ValidationPlan['load']>;

/** `ms` from the moment at which the request was due: what waits in a queue here is as slow for its user. */
export interface RequestSample {
  failed: boolean;
  ms: number;
}

/** A steady load: each request goes out at its time, whether or not earlier ones have been answered. */
export async function checkLoad(invoke: Invoke, load: Load, requests: GoldenRequest[]): Promise<CheckResult> {
  if (requests.length === 0) return { problems: ['there are no requests to load with'], message: '' };
  const total = Math.max(1, Math.round(load.requestsPerSecond * load.seconds));
  const began = performance.now();
  const shots: Promise<RequestSample>[] = [];
  const fatal: unknown[] = [];
  for (let n = 0; n < total && fatal.length === 0; n += 1) {
    const dueMs = began + (n / load.requestsPerSecond) * 1000;
    await sleep(Math.max(0, dueMs - performance.now()));
    const request = requests[n % requests.length];
    if (request !== undefined) shots.push(sendRequest(invoke, request, dueMs, fatal));
  }
  const results = await Promise.all(shots);
  if (fatal.length > 0) throw fatal[0];
  return judgeLoad(load, results);
}

/** What a user would have met as well. Anything else, such as being denied access, is no fault of the variant's. */
const counted: FailureType[] = ['Throttled', 'Unavailable', 'Busy'];

/** Never rejects, for nobody listens before the load ends; what should end it goes to `fatal`. */
async function sendRequest(
  invoke: Invoke,
  request: GoldenRequest,
  dueMs: number,
  fatal: unknown[],
): Promise<RequestSample> {
  let failed = true;
  try {
    const reply = await invoke(request);
    // An answer to a second try was an error first.
    failed = reply.kind === 'modelFailed' || reply.tries > 1;
  } catch (error) {
    const passes = error instanceof ApplicationFailure && counted.some((type) => type === error.type);
    if (!passes) fatal.push(error);
  }
  heartbeat();
  return { failed, ms: performance.now() - dueMs };
}

export function judgeLoad(load: Load, shots: RequestSample[]): CheckResult {
  const failed = shots.filter((shot) => shot.failed).length;
  const percent = (failed / shots.length) * 100;
  const tookMs = shots.map(({ ms }) => ms);
  const [p50, p99] = [50, 99].map(
    (percentile) => percentileOfValues(tookMs, percentile)?.toFixed(1) ?? 'unknown',
  );
  const message =
    `${shots.length} requests at ${load.requestsPerSecond}/s: ${failed} errors (${Number(percent.toFixed(2))} %), ` +
    `p50 ${p50} ms, p99 ${p99} ms`;
  const holds = percent <= load.maximumErrorPercent;
  return { message, problems: holds ? [] : [`${message}; at most ${load.maximumErrorPercent} % may fail`] };
}
