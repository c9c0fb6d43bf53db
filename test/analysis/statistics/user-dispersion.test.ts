import assert from 'node:assert/strict';
import { differ, hasEnoughUsers, type ArmTotals } from '../../../src/analysis/statistics/arm-difference.js';
import {
  dispersionOfCounts,
  effectiveUsers,
  excessOf,
  varianceOfParts,
} from '../../../src/analysis/statistics/user-dispersion.js';
import { assertClose } from './closeness.js';

/** Trials and events of each user. All requests of a user reach one of the processes in turn. */
function totalsOf(users: [number, number][], processes = 1): ArmTotals & { users: object } {
  const sum = (of: (user: [number, number]) => number) => users.reduce((all, user) => all + of(user), 0);
  const n = sum(([t]) => t);
  const events = sum(([, e]) => e);
  return {
    ...{ n, sum: events, sumSquares: events },
    users: {
      trials: sum(([t]) => t * t) / processes,
      total: sum(([, e]) => e * e) / processes,
      product: sum(([t, e]) => t * e) / processes,
      processes: (n * n) / processes,
    },
  };
}

const repeat = (count: number, user: [number, number]) => Array.from({ length: count }, () => user);
const proportion = { kind: 'proportion', scale: 'absolute' } as const;

describe('dispersion by user', () => {
  it('dispersion by user: one request of each user -> 1', () => {
    const arm = totalsOf([...repeat(90, [1, 0]), ...repeat(10, [1, 1])]);
    assertClose(dispersionOfCounts([{ baseline: arm, candidate: arm }]), 1);
    assert.equal(excessOf({ ...arm, users: arm.users }, 100 * 0.1 * 0.9), 0);
  });

  it('dispersion by user: a tenth of the users have all events -> that of so many independent users', () => {
    const arm = totalsOf([...repeat(90, [20, 0]), ...repeat(10, [20, 20])]);
    const found = differ([{ baseline: arm, candidate: arm }], proportion);
    const asUsers = totalsOf([...repeat(90, [1, 0]), ...repeat(10, [1, 1])]);
    const expected = differ([{ baseline: asUsers, candidate: asUsers }], proportion);
    assertClose(found!.standardError, expected!.standardError);
    assertClose(found!.size, expected!.size);
    // Relative to Poisson: 20 times 0.9.
    assertClose(dispersionOfCounts([{ baseline: arm, candidate: arm }]), 18);
  });

  it('dispersion by user: a given dispersion -> replaces the measured one', () => {
    const arm = totalsOf([...repeat(90, [20, 0]), ...repeat(10, [20, 20])]);
    const given = differ([{ baseline: arm, candidate: arm }], { ...proportion, dispersion: 1 });
    assertClose(given!.standardError, Math.sqrt((2 * 0.09) / 2000));
  });

  it('dispersion by user: an arm with few users -> at least the dispersion of both arms', () => {
    const alike = totalsOf(repeat(10, [10, 1]));
    const varied = totalsOf([...repeat(900, [10, 0]), ...repeat(100, [10, 10])]);
    const found = differ([{ baseline: varied, candidate: alike }], proportion);
    assert.ok(found!.standardError > Math.sqrt((9 * 0.09) / 100), String(found!.standardError));
  });

  it('dispersion by user: requests in turn to four processes -> no less than in one process', () => {
    const one = totalsOf([...repeat(90, [20, 0]), ...repeat(10, [20, 20])]);
    const four = totalsOf([...repeat(90, [20, 0]), ...repeat(10, [20, 20])], 4);
    const independent = one.sum;
    const [ofOne, ofFour] = [one, four].map((arm) => excessOf({ ...arm, users: arm.users }, independent));
    assertClose(ofOne!, 17);
    // A quarter of 18 less 1, times 4.
    assertClose(ofFour!, (18 / 4 - 1) * 4);
  });

  it('dispersion by user: two spans with the same users -> their common part adds up', () => {
    const [independent, excess] = [2, 8];
    assertClose(varianceOfParts([{ independent, excess }]), 18);
    assertClose(varianceOfParts(repeat(2, [0, 0]).map(() => ({ independent, excess }))), 4 + 64);
    assertClose(varianceOfParts(repeat(2, [0, 0]).map(() => ({ independent, excess: 0 }))), 4);
  });

  it('dispersion by user: few active users -> not enough observations', () => {
    const few = totalsOf(repeat(49, [100, 50]));
    const enough = totalsOf(repeat(50, [100, 50]));
    assertClose(effectiveUsers({ ...few, users: few.users }), 49);
    assert.ok(!hasEnoughUsers([{ baseline: few, candidate: enough }]));
    assert.ok(hasEnoughUsers([{ baseline: enough, candidate: enough }]));
  });
});
