import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { hideValues, withoutEnvironmentValues } from '../../../src/activities/aws/environment-values.js';

const secret = '{"token":"s3cr3t-value"}';
const settings = { PrimaryContainer: { Environment: { AUTH: secret, WORKERS: '2' } } };

describe('values of environment variables', () => {
  it('hideValues: value as it is, and as it stands in JSON -> hidden; a short value -> kept', () => {
    const text = `2 workers, AUTH=${secret}, ${JSON.stringify({ AUTH: secret })}`;
    assert.equal(hideValues(text, settings), '2 workers, AUTH=***, {"AUTH":"***"}');
  });

  it('withoutEnvironmentValues: failure that is retried later -> the same type and delay, without the value', async () => {
    const failure = ApplicationFailure.create({
      ...{ type: 'Throttled', message: `Rate exceeded for ${secret}`, nextRetryDelay: 7_000 },
    });
    await assert.rejects(
      withoutEnvironmentValues(settings, () => Promise.reject(failure)),
      (error) => {
        assert.ok(error instanceof ApplicationFailure);
        assert.deepEqual(
          [error.type, error.nextRetryDelay, error.nonRetryable, error.message, error.cause],
          ['Throttled', 7_000, false, 'Rate exceeded for ***', undefined],
        );
        return true;
      },
    );
  });
});
