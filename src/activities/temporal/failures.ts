import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../interface/failure-type.js';

/** Ends the activity immediately, because a retry would fail in the same way. */
export function nonRetryableFailure(type: FailureType, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, ...causeOf(cause) });
}

/** Retried by the server; `delayMs` overrides the retry policy's interval. */
export function retryableFailure(
  type: FailureType & ('Throttled' | 'Unavailable' | 'Busy' | 'WrongAccount'),
  message: string,
  options: { delayMs?: number; cause?: unknown } = {},
): ApplicationFailure {
  const delay = options.delayMs === undefined ? {} : { nextRetryDelay: options.delayMs };
  return ApplicationFailure.create({ type, message, ...delay, ...causeOf(options.cause) });
}

function causeOf(cause: unknown): { cause?: Error } {
  return cause instanceof Error ? { cause } : {};
}
