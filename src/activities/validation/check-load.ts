import { heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { GoldenRequest, ValidationPlan } from '../../plan/compiled/validation-plan.js';
import { percentileOfValues } from './check-latency.js';
import type { FailureType } from '../interface/failure-type.js';
import type { CheckResult, Invoke } from './invoke-variant.js';

type Load = NonNullable<ValidationPlan['load']>;

/** `ms`: time since the request was due, so it includes queueing in this check, as a user would see it. */
export interface RequestSample {
  failed: boolean;
  ms: number;
}

/** Sends a steady load: each request at its due time, even if earlier ones are not answered yet. */
export async function checkLoad(invoke: Invoke, load: Load, requests: GoldenRequest[]): Promise<CheckResult> {
  if (requests.length === 0) return { problems: ['cannot apply load: there are no requests'], message: '' };
  const total = Math.max(1, Math.round(load.requestsPerSecond * load.seconds));
  const began = performance.now();
  const samples: Promise<RequestSample>[] = [];
  const fatal: unknown[] = [];
  for (let n = 0; n < total && fatal.length === 0; n += 1) {
    const dueMs = began + (n / load.requestsPerSecond) * 1000;
    await sleep(Math.max(0, dueMs - performance.now()));
    const request = requests[n % requests.length];
    if (request !== undefined) samples.push(sendRequest(invoke, request, dueMs, fatal));
  }
  const results = await Promise.all(samples);
  if (fatal.length > 0) throw fatal[0];
  return judgeLoad(load, results);
}

/**
 * Failures that a user would also see. Other failures, such as a denied access, are not caused by the variant.
 */
const countedFailures: FailureType[] = ['Throttled', 'Unavailable', 'Busy'];

/**
 * Never rejects, because its caller awaits it only after the load has ended. An error that must end the load
 * goes to `fatal`.
 */
async function sendRequest(
  invoke: Invoke,
  request: GoldenRequest,
  dueMs: number,
  fatal: unknown[],
): Promise<RequestSample> {
  let failed = true;
  try {
    const reply = await invoke(request);
    // If the SDK had to retry, the first try failed.
    failed = reply.kind === 'modelFailed' || reply.tries > 1;
  } catch (error) {
    const isCounted =
      error instanceof ApplicationFailure && countedFailures.some((type) => type === error.type);
    if (!isCounted) fatal.push(error);
  }
  heartbeat();
  return { failed, ms: performance.now() - dueMs };
}

export function judgeLoad(load: Load, samples: RequestSample[]): CheckResult {
  const failed = samples.filter((sample) => sample.failed).length;
  const percent = (failed / samples.length) * 100;
  const tookMs = samples.map(({ ms }) => ms);
  const [p50, p99] = [50, 99].map(
    (percentile) => percentileOfValues(tookMs, percentile)?.toFixed(1) ?? 'unknown',
  );
  const message =
    `${samples.length} requests at ${load.requestsPerSecond}/s: ${failed} errors (${Number(percent.toFixed(2))} %), ` +
    `p50 ${p50} ms, p99 ${p99} ms`;
  const isBelowMaximum = percent <= load.maximumErrorPercent;
  return {
    message,
    problems: isBelowMaximum ? [] : [`${message}; the maximum is ${load.maximumErrorPercent} % errors`],
  };
}
