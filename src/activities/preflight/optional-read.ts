/** Reads from a service that a rollout does not need: without its answer, people get a warning. */
import { ApplicationFailure } from '@temporalio/common';
import { withDeadline } from '../temporal/deadline.js';
import { readAws } from '../aws/errors.js';

/** A service can be denied, or out of reach of the worker's network: IAM has no endpoint in a VPC in most regions. */
const withinMs = 10_000;

export type OptionalAnswer<T> = { value: T } | { unread: string };

/** Throws only if the attempt is cancelled. */
export async function readOptional<T>(
  call: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<OptionalAnswer<T>> {
  let isLate = false;
  try {
    return {
      value: await readAws(({ abortSignal }) =>
        withDeadline(abortSignal, withinMs, async (signal, isOver) => {
          try {
            return await call({ abortSignal: signal });
          } finally {
            isLate = isOver();
          }
        }),
      ),
    };
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    return { unread: isLate ? `no answer within ${withinMs / 1000} s` : error.message };
  }
}
