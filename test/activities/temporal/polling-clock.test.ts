import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import { nowMs } from '../../../src/activities/temporal/polling.js';

describe('activity clock', () => {
  const noon = Date.parse('2026-11-02T12:00:00Z');
  const pollDetails = { notBeforeMs: noon + 30_000, delayMs: 30_000, state: null };
  const cases: [string, number, unknown, number][] = [
    ['first attempt -> time of its scheduling', noon, undefined, noon],
    ['retry stamped with its due time -> that time', noon + 30_020, pollDetails, noon + 30_020],
    ['retry stamped with the time of its request -> adds the delay', noon + 15, pollDetails, noon + 30_015],
    ['heartbeat details of another kind -> ignores them', noon, { progress: 1 }, noon],
  ];
  for (const [name, currentAttemptScheduledTimestampMs, heartbeatDetails, expected] of cases) {
    it(`activity clock: ${name}`, async () => {
      const environment = new MockActivityEnvironment({
        currentAttemptScheduledTimestampMs,
        heartbeatDetails,
      });
      const now = await environment.run(() => Promise.resolve(nowMs()));
      assert.equal(now, expected);
    });
  }
});
