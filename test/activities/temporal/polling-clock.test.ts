import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import { nowMs } from '../../../src/activities/temporal/polling.js';

describe('the clock of an activity', () => {
  const noon = Date.parse('2026-11-02T12:00:00Z');
  const handedOn = { notBeforeMs: noon + 30_000, delayMs: 30_000, state: null };
  const cases: [string, number, unknown, number][] = [
    ['is when the attempt was scheduled', noon, undefined, noon],
    [
      'is that for a retry too, where the server stamps it when it is due',
      noon + 30_020,
      handedOn,
      noon + 30_020,
    ],
    [
      'adds the delay where the server stamps a retry when it is asked for',
      noon + 15,
      handedOn,
      noon + 30_015,
    ],
    ['is not misled by details of another kind', noon, { progress: 1 }, noon],
  ];
  for (const [name, currentAttemptScheduledTimestampMs, heartbeatDetails, expected] of cases) {
    it(name, async () => {
      const environment = new MockActivityEnvironment({
        currentAttemptScheduledTimestampMs,
        heartbeatDetails,
      });
      const now = await environment.run(() => Promise.resolve(nowMs()));
      assert.equal(now, expected);
    });
  }
});
