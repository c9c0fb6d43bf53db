import assert from 'node:assert/strict';
import { changedFacts, logLinesOf } from '../../../src/cli/view/log-lines.js';
import { bakingStatus, verdictOf } from '../../client/rollouts/statuses.js';

describe('changedFacts', () => {
  const before = logLinesOf(bakingStatus());

  it('changedFacts: only the attempt and its time changed -> no lines', () => {
    const [watch] = bakingStatus().pending;
    const later = bakingStatus({
      pending: [{ ...watch!, attempt: 10, nextTryAt: '2026-11-23T12:00:50.000Z' }],
    });
    assert.deepEqual(changedFacts(before, logLinesOf(later)), []);
  });

  it('changedFacts: a new verdict -> its line', () => {
    const news = verdictOf('errorRate', 'fail', 'outOfBound', 'error rate 4 % is not < 1 %, window 4 of 6');
    assert.deepEqual(changedFacts(before, logLinesOf(bakingStatus({ verdicts: [news] }))), [
      '✖ errorRate: error rate 4 % is not < 1 %, window 4 of 6',
    ]);
  });

  it('changedFacts: the end of a pause or a hold -> a line for each', () => {
    const held = logLinesOf(bakingStatus({ paused: true, hold: { reason: 'unknown', message: 'no data' } }));
    assert.deepEqual(changedFacts(held, before), [
      'no longer paused',
      'no longer holding: no data',
      'waiting for every window of the bake to pass, until 2026-11-23T12:26:00.000Z',
    ]);
  });

  it('changedFacts: approvals -> a line with the names for each', () => {
    const gate = {
      id: 'release',
      kind: 'approval' as const,
      message: 'gate release: waits',
      approvals: ['bob'],
      people: 2,
    };
    const first = logLinesOf(bakingStatus({ gate }));
    assert.deepEqual(changedFacts(before, first), [
      'gate release: 1 of 2 approvals (bob); `penstock approve digits` adds one',
    ]);
    const second = logLinesOf(bakingStatus({ gate: { ...gate, approvals: ['bob', 'cem'] } }));
    assert.match(changedFacts(first, second)[0] ?? '', /2 of 2 approvals \(bob, cem\)/);
  });

  it('changedFacts: an activity fails -> a warning with the failure type', () => {
    const [watch] = bakingStatus().pending;
    const failing = bakingStatus({
      pending: [{ ...watch!, failureType: 'AccessDenied', message: 'no right to' }],
    });
    assert.deepEqual(changedFacts(before, logLinesOf(failing)), [
      '⚠ watchTraffic is retried after AccessDenied: no right to',
    ]);
  });
});
