import assert from 'node:assert/strict';
import { variantNamesOf } from '../../../src/plan/compiled/variant-names.js';
import { planWith } from '../specs.js';

const alternate = ['blue', 'green'];
const namesOf = (serve: object, live: string | null) => variantNamesOf(planWith({ serve }), live);

describe('variantNamesOf', () => {
  it('perRollout: live and made baseline -> the name of the rollout', () => {
    const candidate = 'b-52a43dfd';
    const names = { baseline: 'AllTraffic', candidate, promoted: candidate };
    assert.deepEqual(namesOf({ variantNames: 'perRollout' }, 'AllTraffic'), names);
    const made = { baseline: 'a-52a43dfd', candidate, promoted: candidate };
    assert.deepEqual(namesOf({ variantNames: 'perRollout' }, null), made);
  });

  it('perRollout: plan of an earlier release -> the name of the rollout', () => {
    const plan = planWith({});
    delete plan.serve.variantNames;
    assert.equal(variantNamesOf(plan, 'AllTraffic').candidate, 'b-52a43dfd');
  });

  for (const [live, candidate] of [
    ['blue', 'green'],
    ['green', 'blue'],
    ['Blue', 'green'],
    ['AllTraffic', 'blue'],
  ] as const)
    it(`alternate: the baseline is ${live} -> the candidate is ${candidate}`, () =>
      assert.deepEqual(namesOf({ variantNames: { alternate } }, live), {
        baseline: live,
        candidate,
        promoted: candidate,
      }));

  it('alternate: the rollout makes the baseline -> the baseline has the second name', () =>
    assert.deepEqual(namesOf({ variantNames: { alternate } }, null), {
      baseline: 'green',
      candidate: 'blue',
      promoted: 'blue',
    }));

  it("stable: the default, one endpoint -> the rollout's name, then the baseline's", () => {
    const names = { baseline: 'AllTraffic', candidate: 'b-52a43dfd', promoted: 'AllTraffic' };
    assert.deepEqual(namesOf({}, 'AllTraffic'), names);
    assert.deepEqual(namesOf({ variantNames: 'stable' }, 'AllTraffic'), names);
  });

  it("stable: two endpoints -> the baseline's name from the start", () => {
    const serve = { variantNames: 'stable', topology: 'endpoints' };
    const names = { baseline: 'AllTraffic', candidate: 'AllTraffic', promoted: 'AllTraffic' };
    assert.deepEqual(namesOf(serve, 'AllTraffic'), names);
  });

  it('stable: no baseline -> the name of the first deployment', () => {
    const serve = { instance: 'ml.m5.large', count: 1 };
    const plan = planWith({ serve, models: { candidate: { model: 'digits-2' } } });
    assert.equal(variantNamesOf(plan, null).promoted, 'b-52a43dfd');
  });
});
