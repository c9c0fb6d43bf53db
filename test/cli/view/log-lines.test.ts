import assert from 'node:assert/strict';
import { changedFacts, factsOf } from '../../../src/cli/view/log-lines.js';
import { bakingStatus, verdictOf } from '../../client/rollouts/statuses.js';

describe('changedFacts', () => {
  const before = factsOf(bakingStatus());

  it('says nothing where nothing has changed but the time of the next look', () => {
    const [watch] = bakingStatus().pending;
    const later = bakingStatus({
      pending: [{ ...watch!, attempt: 10, nextTryAt: '2026-11-23T12:00:50.000Z' }],
    });
    assert.deepEqual(changedFacts(before, factsOf(later)), []);
  });

  it('says what is new', () => {
    const news = verdictOf('errorRate', 'fail', 'outOfBound', 'error rate 4 % is not < 1 %, window 4 of 6');
    assert.deepEqual(changedFacts(before, factsOf(bakingStatus({ verdicts: [news] }))), [
      '✖ errorRate: error rate 4 % is not < 1 %, window 4 of 6',
    ]);
  });

  it('says when a pause or a hold is over', () => {
    const held = factsOf(bakingStatus({ paused: true, hold: { reason: 'unknown', message: 'no data' } }));
    assert.deepEqual(changedFacts(held, before), [
      'no longer paused',
      'no longer holding: no data',
      'waiting for every window of the bake to pass, until 2026-11-23T12:26:00.000Z',
    ]);
  });

  it('says who has approved, one after another', () => {
    const gate = {
      id: 'release',
      kind: 'approval' as const,
      sentence: 'gate release: waits',
      approvals: ['bob'],
      people: 2,
    };
    const first = factsOf(bakingStatus({ gate }));
    assert.deepEqual(changedFacts(before, first), [
      'gate release: 1 of 2 approvals (bob); `penstock approve digits` adds one',
    ]);
    const second = factsOf(bakingStatus({ gate: { ...gate, approvals: ['bob', 'cem'] } }));
    assert.match(changedFacts(first, second)[0] ?? '', /2 of 2 approvals \(bob, cem\)/);
  });

  it('tells trouble from progress', () => {
    const [watch] = bakingStatus().pending;
    const troubled = bakingStatus({
      pending: [{ ...watch!, failureType: 'AccessDenied', message: 'no right to' }],
    });
    assert.deepEqual(changedFacts(before, factsOf(troubled)), [
      '⚠ watchTraffic is retried after AccessDenied: no right to',
    ]);
  });
});
