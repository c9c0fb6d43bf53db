import assert from 'node:assert/strict';
import { variantNamesOf } from '../../../src/plan/compiled/variant-names.js';
import { planWith } from '../specs.js';

const alternate = ['blue', 'green'];
const namesOf = (serve: object, live: string | null) => variantNamesOf(planWith({ serve }), live);

describe('variantNamesOf', () => {
  it('perRollout: the default -> the name of the rollout', () => {
    assert.deepEqual(namesOf({}, 'AllTraffic'), { baseline: 'AllTraffic', candidate: 'b-52a43dfd' });
    assert.deepEqual(namesOf({ variantNames: 'perRollout' }, null), {
      baseline: 'a-52a43dfd',
      candidate: 'b-52a43dfd',
    });
  });

  it('perRollout: plan of an earlier release -> the name of the rollout', () => {
    const { rolloutId, serve } = planWith({});
    delete serve.variantNames;
    assert.equal(variantNamesOf({ rolloutId, serve }, 'AllTraffic').candidate, 'b-52a43dfd');
  });

  for (const [live, candidate] of [
    ['blue', 'green'],
    ['green', 'blue'],
    ['Blue', 'green'],
    ['AllTraffic', 'blue'],
  ] as const)
    it(`alternate: the baseline is ${live} -> the candidate is ${candidate}`, () =>
      assert.deepEqual(namesOf({ variantNames: { alternate } }, live), { baseline: live, candidate }));

  it('alternate: the rollout makes the baseline -> the baseline has the second name', () =>
    assert.deepEqual(namesOf({ variantNames: { alternate } }, null), {
      baseline: 'green',
      candidate: 'blue',
    }));
});
