/**
 * Maps AWS errors to Temporal failures; no other file does. SageMaker answers nearly every rejection with HTTP
 * 400 and an unmodelled ValidationException, so the mapping matches name and message together.
 */
import { asyncLocalStorage, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { retryableFailure, nonRetryableFailure } from '../temporal/failures.js';

/** The object does not exist. If no caller handles this, it ends the activity as `Rejected`. */
export class NotFound extends ApplicationFailure {
  constructor(message: string, cause?: Error) {
    super(message, 'Rejected', true, undefined, cause);
  }
}

/** The name is taken by another owner, or by our own earlier request whose response was lost. */
export class AlreadyExists extends ApplicationFailure {
  constructor(message: string, cause?: Error) {
    super(message, 'Rejected', true, undefined, cause);
  }
}

/**
 * Reads from AWS until the activity is cancelled. Outside of an activity, as in `penstock plan`, nothing cancels it. Throws only
 * failures of the types in `FailureType`.
 */
export async function readAws<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  const attempt = asyncLocalStorage.getStore();
  if (attempt !== undefined && timeLeftMs(attempt) < 0) throw attemptTimedOut();
  // One signal for each call: many calls run in parallel, and Node warns of many listeners on one signal.
  const abortSignal = AbortSignal.any(attempt === undefined ? [] : [attempt.cancellationSignal]);
  try {
    return await call({ abortSignal });
  } catch (error) {
    if (attempt !== undefined && abortSignal.aborted) return await attempt.cancelled;
    throw toFailure(error);
  }
}

/**
 * Time reserved at the end of an attempt to report its result before startToCloseTimeout: 5 s, or a tenth of a
 * short attempt.
 */
function reportMarginMs({ info }: Context): number {
  return Math.min(5_000, info.startToCloseTimeoutMs / 10);
}

/**
 * A call that changes something. AWS carries out a request even if its caller no longer waits for the response.
 * So a cancelled attempt sends no further request, but it waits for the response to the request that it has
 * sent. The compensation then finds the complete effect. The SDK's own tries (three, seconds apart) are one
 * call: the second try learns the result of the first. If no response arrives within the attempt's time, AWS
 * may still carry out the request.
 */
export async function mutateAws<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  const attempt = Context.current();
  if (attempt.cancellationSignal.aborted) return await attempt.cancelled;
  const timeoutMs = timeLeftMs(attempt) - reportMarginMs(attempt);
  if (timeoutMs <= 0) throw attemptTimedOut();
  const abortSignal = AbortSignal.timeout(timeoutMs);
  try {
    return await call({ abortSignal });
  } catch (error) {
    if (abortSignal.aborted) {
      const seconds = Math.round(timeoutMs / 1000);
      throw retryableFailure(
        'Unavailable',
        `AWS did not respond within ${seconds} s; it may still carry out the request`,
        {
          cause: error,
        },
      );
    }
    throw toFailure(error);
  }
}

/** Time of each attempt's first call, by this process's clock. */
const firstCalls = new WeakMap<Context, number>();

/** By this process's clock only, because the server's clock may differ. */
function timeLeftMs(attempt: Context): number {
  const now = Date.now();
  const first = firstCalls.get(attempt) ?? now;
  firstCalls.set(attempt, first);
  return first + attempt.info.startToCloseTimeoutMs - now;
}

/**
 * A suspended process resumes in the middle of an attempt that the server has timed out. The attempt's
 * observations are old, and another attempt may already have done the work.
 */
function attemptTimedOut(): ApplicationFailure {
  return retryableFailure('Unavailable', 'the attempt timed out before its next AWS call');
}

/** Null if the object does not exist. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/**
 * For an object that this rollout has just created or described. "Could not find" then means eventual
 * consistency, or that the object was deleted meanwhile. A retry tells which. If the object stays missing, the
 * activity's timeout ends the retries.
 */
export async function retryNotFound<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFound) throw retryableFailure('Unavailable', error.message, { cause: error });
    throw error;
  }
}

export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { name, message: fullMessage, status } = describeError(error);
  const message = redactSignedRequest(fullMessage);
  const text = `${name}: ${message}`;
  const cause = error instanceof Error && message === fullMessage ? error : undefined;
  if (throttlingNames.has(name) || status === 429) return throttled(text, cause);
  if (isDenied(name, status)) return nonRetryableFailure('AccessDenied', text, cause);
  if (status === null || status >= 500 || transientErrors.has(name))
    return retryableFailure('Unavailable', text, { cause });
  if (name === 'ResourceLimitExceeded') return nonRetryableFailure('QuotaExceeded', text, cause);
  if (isMissing(name, message)) return new NotFound(text, cause);
  if (name === 'ResourceInUse' || /already exist/i.test(message)) return new AlreadyExists(text, cause);
  if (isBusy(name, message)) return retryableFailure('Busy', text, { cause });
  return nonRetryableFailure('Rejected', text, cause);
}

/** AWS explains a wrong signature by quoting the expected request, which contains the session token. */
function redactSignedRequest(message: string): string {
  return message.replace(
    /\s*The (Canonical String for this request|String-to-Sign) should have been[^]*$/i,
    '',
  );
}

const throttlingNames = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
  'LimitExceededException',
]);

const accessDeniedErrors = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'NotAuthorized',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
]);

/**
 * Rejections that end without a change: a rotated credential, a clock that is briefly wrong, a model that still
 * loads.
 */
const transientErrors = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'RequestTimeoutException',
  'ModelNotReadyException',
  'InternalDependencyException',
]);

function isDenied(name: string, status: number | null): boolean {
  return accessDeniedErrors.has(name) || (status === 403 && !transientErrors.has(name));
}

/** The last one is of Application Auto Scaling. */
const missingNames = new Set(['ResourceNotFound', 'ResourceNotFoundException', 'ObjectNotFoundException']);

function isMissing(name: string, message: string): boolean {
  if (missingNames.has(name)) return true;
  return /^could not find|requested resource not found|does not exist/i.test(message);
}

function isBusy(name: string, message: string): boolean {
  if (name === 'ConflictException' || name === 'ConcurrentUpdateException') return true;
  return /in-progress|currently being|request was rejected because the .* is in status/i.test(message);
}

/** A random delay, so that rollouts that were throttled together do not retry together. */
function throttled(text: string, cause: Error | undefined): ApplicationFailure {
  return retryableFailure('Throttled', text, { delayMs: 10_000 + Math.round(Math.random() * 20_000), cause });
}

/** `status: null`: no response arrived (socket, name lookup, timeout). */
function describeError(error: unknown): { name: string; message: string; status: number | null } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), status: null };
  const { code } = error as { code?: unknown };
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const message = error.message === '' && typeof code === 'string' ? code : error.message;
  return { name: error.name, message, status: $metadata?.httpStatusCode ?? null };
}
