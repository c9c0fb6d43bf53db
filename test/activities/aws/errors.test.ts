import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import {
  AlreadyExists,
  readAws,
  mutateAws,
  NotFound,
  toFailure,
} from '../../../src/activities/aws/errors.js';

function awsError(name: string, message: string, status: number | null = 400): Error {
  const metadata = status === null ? {} : { $metadata: { httpStatusCode: status } };
  return Object.assign(new Error(message), { name }, metadata);
}

describe('AWS errors', () => {
  const inProgress = 'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:1:endpoint/digits".';
  const stopped = 'The request was rejected because the training job is in status Stopped';
  const cases: [Error, string, boolean][] = [
    [awsError('ThrottlingException', 'Rate exceeded'), 'Throttled', true],
    [awsError('Throttling', 'Rate exceeded'), 'Throttled', true],
    [awsError('ValidationException', inProgress), 'Busy', true],
    [awsError('ValidationException', stopped), 'Busy', true],
    [awsError('ConflictException', 'try again'), 'Busy', true],
    [awsError('InternalFailure', 'oops', 500), 'Unavailable', true],
    [awsError('ServiceUnavailable', 'oops', 503), 'Unavailable', true],
    [awsError('TimeoutError', 'socket hang up', null), 'Unavailable', true],
    [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'Unavailable', true],
    [awsError('ExpiredTokenException', 'expired', 403), 'Unavailable', true],
    [awsError('AccessDeniedException', 'not authorized'), 'AccessDenied', false],
    [awsError('AccessDenied', 'not authorized', 403), 'AccessDenied', false],
    [awsError('ResourceLimitExceeded', "The account-level service limit 'ml.x'"), 'QuotaExceeded', false],
    [awsError('ValidationException', '1 validation error detected'), 'Rejected', false],
    [awsError('ValidationException', 'Could not find endpoint "digits".'), 'Rejected', false],
  ];
  for (const [error, type, retryable] of cases) {
    it(`AWS error: ${error.name}, ${error.message} -> ${type}`, () => {
      const failure = toFailure(error);
      assert.equal(failure.type, type);
      assert.equal(failure.nonRetryable !== true, retryable);
    });
  }

  it('AWS error: object missing or name taken -> NotFound or AlreadyExists', () => {
    const missing = ['Could not find endpoint configuration "x".', 'Requested resource not found.'];
    for (const message of missing) {
      assert.ok(toFailure(awsError('ValidationException', message)) instanceof NotFound);
    }
    assert.ok(toFailure(awsError('ResourceNotFound', 'gone')) instanceof NotFound);
    const taken = 'Cannot create already existing endpoint "digits".';
    assert.ok(toFailure(awsError('ValidationException', taken)) instanceof AlreadyExists);
    assert.ok(toFailure(awsError('ResourceInUse', 'in use')) instanceof AlreadyExists);
    assert.ok(!(toFailure(awsError('ValidationException', 'no')) instanceof NotFound));
  });

  it('AWS read: process suspended past startToCloseTimeout -> no further call', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 20 });
    let calls = 0;
    const suspended = async () => {
      await readAws(() => Promise.resolve(calls++));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await readAws(() => Promise.resolve(calls++));
    };
    await assert.rejects(attempt.run(suspended), {
      type: 'Unavailable',
      message: /timed out before its next AWS call/,
    });
    assert.equal(calls, 1);
  });

  it('AWS error: throttled -> retry after 10 to 30 s', () => {
    const delay = Number(toFailure(awsError('Throttling', 'Rate exceeded')).nextRetryDelay);
    assert.ok(delay >= 10_000 && delay <= 30_000, String(delay));
  });
});

describe('AWS reads', () => {
  it('AWS reads: 30 in parallel -> no MaxListeners warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const listen = ({ abortSignal }: { abortSignal: AbortSignal }) =>
      Promise.resolve(abortSignal.addEventListener('abort', () => undefined));
    await new MockActivityEnvironment().run(() =>
      Promise.all(Array.from({ length: 30 }, () => readAws(listen))),
    );
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
  });

  it('AWS read: activity cancelled -> call aborted', async () => {
    const environment = new MockActivityEnvironment();
    const hang = ({ abortSignal }: { abortSignal: AbortSignal }) =>
      new Promise<never>((_, reject) =>
        abortSignal.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    const ended = assert.rejects(
      environment.run(() => readAws(hang)),
      { name: 'CancelledFailure' },
    );
    environment.cancel();
    await ended;
  });
});

describe('mutating AWS calls', () => {
  it('mutating AWS call: attempt already cancelled -> no call', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 });
    let calls = 0;
    const ended = attempt.run(async () => {
      attempt.cancel();
      await mutateAws(() => Promise.resolve(calls++));
    });
    await assert.rejects(ended, { name: 'CancelledFailure' });
    assert.equal(calls, 0);
  });

  it('mutating AWS call: attempt cancelled during the call -> call completes, its result or error counts', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 });
    const late = async ({ abortSignal }: { abortSignal: AbortSignal }) => {
      attempt.cancel();
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(abortSignal.aborted, false);
      return 'made';
    };
    assert.equal(await attempt.run(() => mutateAws(late)), 'made');
    const refused = () => Promise.reject(awsError('ResourceInUse', 'in use'));
    const other = new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 });
    await assert.rejects(
      other.run(() =>
        mutateAws(() => {
          other.cancel();
          return refused();
        }),
      ),
      AlreadyExists,
    );
  });

  it('mutating AWS call: no response -> Unavailable before startToCloseTimeout', async () => {
    const hang = ({ abortSignal }: { abortSignal: AbortSignal }) =>
      new Promise<never>((_, reject) =>
        abortSignal.addEventListener('abort', () => reject(new Error('Request aborted'))),
      );
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 500 });
    // The signal's timer alone keeps no process alive.
    const alive = setInterval(() => undefined, 1_000);
    await assert
      .rejects(
        attempt.run(() => mutateAws(hang)),
        {
          type: 'Unavailable',
          message: /AWS did not respond within 0 s; it may still carry out the request/,
        },
      )
      .finally(() => clearInterval(alive));
  });

  it('mutating AWS call: too little time left in the attempt -> no call', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 1_000 });
    let calls = 0;
    await assert.rejects(
      attempt.run(async () => {
        await readAws(() => new Promise((resolve) => setTimeout(resolve, 950)));
        await mutateAws(() => Promise.resolve(calls++));
      }),
      { type: 'Unavailable', message: /timed out before its next AWS call/ },
    );
    assert.equal(calls, 0);
  });
});
