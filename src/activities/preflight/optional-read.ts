/** Reads from a service that a rollout does not need: without its answer, people get a warning. */
import { ApplicationFailure } from '@temporalio/common';
import { readAws } from '../aws/errors.js';

/** A service can be denied, or out of reach of the worker's network: IAM has no endpoint in a VPC in most regions. */
const withinMs = 10_000;

export type OptionalAnswer<T> = { value: T } | { unread: string };

/** Throws only if the attempt is cancelled. */
export async function readOptional<T>(
  call: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<OptionalAnswer<T>> {
  const deadline = AbortSignal.timeout(withinMs);
  try {
    return {
      value: await readAws(({ abortSignal }) =>
        call({ abortSignal: AbortSignal.any([abortSignal, deadline]) }),
      ),
    };
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    return { unread: deadline.aborted ? `no answer within ${withinMs / 1000} s` : error.message };
  }
}
