import assert from 'node:assert/strict';
import { countArms, type ArmSums } from '../../../src/activities/monitoring/comparison-counts.js';

const guardrail = { kind: 'proportion', missingValue: null } as const;
const goal = { kind: 'proportion', missingValue: 0 } as const;
const mean = { kind: 'mean', missingValue: 0 } as const;

function sums(trials?: number, total?: number, squares?: number): ArmSums {
  return { trials, total, squares };
}

function count(
  comparison: Parameters<typeof countArms>[0],
  baseline: ArmSums,
  candidate: ArmSums,
  share = 10,
) {
  const weights = { baseline: 100 - share, candidate: share };
  return countArms(comparison, { baseline, candidate }, weights).candidate;
}

describe('countArms', () => {
  const many = sums(900, 9);
  it('countArms: data of both arms -> their counts', () => {
    assert.deepEqual(count(guardrail, many, sums(100, 0)), { requests: 100, events: 0 });
    const values = count(mean, sums(9, 1, 1), sums(3, 5, 9));
    assert.deepEqual(values, { requests: 3, events: null, sum: 5, sumSquares: 9 });
  });

  it('countArms: no data, many requests expected -> unknown', () => {
    assert.deepEqual(count(guardrail, many, sums()), { requests: null, events: null });
    assert.deepEqual(count(goal, many, sums()), { requests: null, events: null });
  });

  it('countArms: no data, few requests expected -> no requests', () => {
    assert.deepEqual(count(guardrail, sums(100, 1), sums()), { requests: 0, events: 0 });
    assert.deepEqual(count(guardrail, many, sums(), 0), { requests: 0, events: 0 });
    assert.deepEqual(count(guardrail, sums(), sums(), 100), { requests: 0, events: 0 });
    assert.deepEqual(count(mean, sums(), sums()), { requests: 0, events: null, sum: 0, sumSquares: 0 });
  });

  it('countArms: requests without event data -> 0 events for a goal, unknown for a guardrail', () => {
    assert.deepEqual(count(goal, many, sums(100)), { requests: 100, events: 0 });
    assert.deepEqual(count(guardrail, many, sums(100)), { requests: 100, events: null });
  });

  describe('countArms by user', () => {
    const users = { trials: 300, total: 12, product: 40, processes: 10_000 };
    const goalOf = (byUser: object) => count(goal, many, { ...sums(100, 9), byUser }).users;

    it('countArms by user: all sums -> those', () => {
      assert.deepEqual(goalOf(users), users);
    });

    it('countArms by user: no sum of trials, or of what was counted -> unknown', () => {
      assert.equal(goalOf({ ...users, trials: undefined }), null);
      assert.equal(goalOf({ ...users, processes: undefined }), null);
      assert.equal(goalOf({ ...users, total: undefined }), null);
    });

    it('countArms by user: nothing counted, no sum of it -> 0', () => {
      const found = count(goal, many, { ...sums(100), byUser: { trials: 300, processes: 10_000 } });
      assert.deepEqual(found.users, { trials: 300, total: 0, product: 0, processes: 10_000 });
    });

    it('countArms by user: conversions of users who were counted before -> a ratio without new users', () => {
      const ratio = { kind: 'ratio', missingValue: 0 } as const;
      const found = count(ratio, sums(), { ...sums(undefined, 3), byUser: { total: 5, product: 3 } });
      assert.deepEqual(found, {
        ...{ requests: 0, events: null, sum: 3 },
        users: { trials: 0, total: 5, product: 3, processes: 0 },
      });
    });
  });
});
