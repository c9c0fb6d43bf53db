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

describe('errors of AWS', () => {
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
    it(`take ${error.name}: ${error.message} for ${type}`, () => {
      const failure = toFailure(error);
      assert.equal(failure.type, type);
      assert.equal(failure.nonRetryable !== true, retryable);
    });
  }

  it('let a caller branch on what is missing and on what is there already', () => {
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

  it('are not waited for by an attempt that has outlived its time: it calls no more', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 20 });
    let calls = 0;
    const stoodStill = async () => {
      await readAws(() => Promise.resolve(calls++));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await readAws(() => Promise.resolve(calls++));
    };
    await assert.rejects(attempt.run(stoodStill), { type: 'Unavailable', message: /was given up/ });
    assert.equal(calls, 1);
  });

  it('wait for a while after throttling', () => {
    const delay = Number(toFailure(awsError('Throttling', 'Rate exceeded')).nextRetryDelay);
    assert.ok(delay >= 10_000 && delay <= 30_000, String(delay));
  });
});

describe('calls to AWS', () => {
  it('may be many at once without a warning of too many listeners', async () => {
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

  it('end with the activity that made them', async () => {
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

describe('a call that changes something', () => {
  it('is not made by an attempt that is cancelled already', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 });
    let calls = 0;
    const ended = attempt.run(async () => {
      attempt.cancel();
      await mutateAws(() => Promise.resolve(calls++));
    });
    await assert.rejects(ended, { name: 'CancelledFailure' });
    assert.equal(calls, 0);
  });

  it('is awaited by an attempt that is cancelled meanwhile, and its answer or refusal counts', async () => {
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

  it('is waited for no longer than the attempt has, less a moment to say so', async () => {
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
        { type: 'Unavailable', message: /no answer in 0 s; it may still be carried out/ },
      )
      .finally(() => clearInterval(alive));
  });

  it('is not begun where the attempt has no time left to hear of it', async () => {
    const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 1_000 });
    let calls = 0;
    await assert.rejects(
      attempt.run(async () => {
        await readAws(() => new Promise((resolve) => setTimeout(resolve, 950)));
        await mutateAws(() => Promise.resolve(calls++));
      }),
      { type: 'Unavailable', message: /was given up/ },
    );
    assert.equal(calls, 0);
  });
});
