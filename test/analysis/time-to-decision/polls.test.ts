import assert from 'node:assert/strict';
import { simulatedPollsOf } from '../../../src/analysis/time-to-decision/polls.js';

describe('simulatedPollsOf', () => {
  const period = { seconds: 4 * 3_600, earliestSeconds: 0, baseline: 0.5, candidate: 0.25 };
  const conditions = {
    ...{ requestsPerHour: 100, windowSeconds: 3_600, dataDelaySeconds: 600 },
    periods: [period, period],
  };

  it('simulatedPollsOf: events come at once -> each window has its requests', () => {
    const polls = simulatedPollsOf(conditions);
    assert.deepEqual(
      polls.map(({ baseline, candidate }) => [baseline, candidate]),
      Array.from({ length: 8 }, () => [50, 25]),
    );
  });

  it('simulatedPollsOf: events come late -> no requests of the first windows of each period, at the same times', () => {
    const polls = simulatedPollsOf({ ...conditions, eventDelaySeconds: 3_601 });
    assert.deepEqual(
      polls.map(({ baseline }) => baseline),
      [0, 0, 50, 50, 0, 0, 50, 50],
    );
    assert.deepEqual(
      polls.map(({ atSeconds }) => atSeconds),
      simulatedPollsOf(conditions).map(({ atSeconds }) => atSeconds),
    );
  });
});
