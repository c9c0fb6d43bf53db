/**
 * The one place where AWS's errors become Temporal failures. SageMaker answers nearly every rejection with HTTP 400 and
 * an unmodelled ValidationException, so name and message have to be matched together.
 */
import { cancellationSignal, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { retryableFailure, nonRetryableFailure } from '../temporal/failures.js';

/** There is no such thing. Where a caller does not branch on it, it ends the activity as `Rejected`. */
export class NotFound extends ApplicationFailure {
  constructor(message: string, cause?: Error) {
    super(message, 'Rejected', true, undefined, cause);
  }
}

/** The name is taken: by somebody else, or by our own request whose answer was lost. */
export class AlreadyExists extends ApplicationFailure {
  constructor(message: string, cause?: Error) {
    super(message, 'Rejected', true, undefined, cause);
  }
}

/** Reads from AWS under the activity's cancellation; throws only failures of the types in `FailureType`. */
export async function readAws<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  if (timeLeftMs(Context.current()) < 0) throw attemptTimedOut();
  // One for each call: many run at once, and Node warns of many listeners on one signal.
  const abortSignal = AbortSignal.any([cancellationSignal()]);
  try {
    return await call({ abortSignal });
  } catch (error) {
    if (abortSignal.aborted) return await Context.current().cancelled;
    throw toFailure(error);
  }
}

/**
 * What an attempt keeps of its time: its first call is later than its start, and it must be heard before it is given up.
 * Of a short one a tenth, for it is to make its call at all.
 */
function reportMarginMs({ info }: Context): number {
  return Math.min(5_000, info.startToCloseTimeoutMs / 10);
}

/**
 * A call that changes something. AWS carries out what has reached it, whether its caller still listens or not: so a
 * cancelled attempt sends nothing more, but awaits the answer to what it has sent, and its undo finds what there is to
 * undo. The SDK's own tries (three, seconds apart) are one call: the second one learns what became of the first. Where no
 * answer comes in the attempt's time, AWS may still carry it out later, as where an answer was lost.
 */
export async function mutateAws<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  const attempt = Context.current();
  if (attempt.cancellationSignal.aborted) return await attempt.cancelled;
  const answerMs = timeLeftMs(attempt) - reportMarginMs(attempt);
  if (answerMs <= 0) throw attemptTimedOut();
  const abortSignal = AbortSignal.timeout(answerMs);
  try {
    return await call({ abortSignal });
  } catch (error) {
    if (abortSignal.aborted) {
      const seconds = Math.round(answerMs / 1000);
      throw retryableFailure('Unavailable', `no answer in ${seconds} s; it may still be carried out`, {
        cause: error,
      });
    }
    throw toFailure(error);
  }
}

/** When each attempt made its first call, by this process's clock. */
const firstCalls = new WeakMap<Context, number>();

/** By this process's clock, as the other one's may differ. */
function timeLeftMs(attempt: Context): number {
  const now = Date.now();
  const first = firstCalls.get(attempt) ?? now;
  firstCalls.set(attempt, first);
  return first + attempt.info.startToCloseTimeoutMs - now;
}

/**
 * A process that stood still (a suspended machine, say) goes on in the middle of an attempt that the server has given up
 * long ago. What that attempt has seen is old, and another one may have done all that there was to do.
 */
function attemptTimedOut(): ApplicationFailure {
  return retryableFailure(
    'Unavailable',
    'this attempt was given up: its time was over before it made its next call',
  );
}

/** Null where there is no such thing. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/**
 * "Could not find" about something that this rollout has made, or that was described, a moment ago: the service's eventual
 * consistency, or it is gone since. Another try tells which. Where it is missing for good, the activity's time limit ends it.
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
  const { name, message: whole, status } = describeError(error);
  const message = redactSignedRequest(whole);
  const text = `${name}: ${message}`;
  const cause = error instanceof Error && message === whole ? error : undefined;
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

/** AWS explains a wrong signature with the request that it should have been for, session token and all. */
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

/** Rejections that pass by themselves: a rotated credential, a clock that is off for a moment, a cold model. */
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

function isMissing(name: string, message: string): boolean {
  if (name === 'ResourceNotFound' || name === 'ResourceNotFoundException') return true;
  return /^could not find|requested resource not found|does not exist/i.test(message);
}

function isBusy(name: string, message: string): boolean {
  if (name === 'ConflictException') return true;
  return /in-progress|currently being|request was rejected because the .* is in status/i.test(message);
}

/** Spread out, so that the rollouts that were throttled together do not come back together. */
function throttled(text: string, cause: Error | undefined): ApplicationFailure {
  return retryableFailure('Throttled', text, { delayMs: 10_000 + Math.round(Math.random() * 20_000), cause });
}

/** `status` null: no answer came at all (a socket, a name lookup, a timeout). */
function describeError(error: unknown): { name: string; message: string; status: number | null } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), status: null };
  const { code } = error as { code?: unknown };
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const message = error.message === '' && typeof code === 'string' ? code : error.message;
  return { name: error.name, message, status: $metadata?.httpStatusCode ?? null };
}
