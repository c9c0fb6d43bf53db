import assert from 'node:assert/strict';
import { watchedPeriodsOf } from '../../../src/plan/schedule/watched-periods.js';
import { planWith } from '../specs.js';

const goals = [{ metric: 'conversion', higherIsBetter: true }];

function periodsOf(strategy: object, fields: object = {}) {
  return watchedPeriodsOf(planWith({ strategy, ...fields }).steps);
}

describe('watchedPeriodsOf', () => {
  it('watchedPeriodsOf: canary -> every bake with its shares, except at 100%', () => {
    const canary = { canary: { steps: ['1%', { share: '10%', bake: '6h' }, '100%'], bake: '30m' } };
    assert.deepEqual(periodsOf(canary), [
      { kind: 'bake', stage: 1, seconds: 1_800, earliestSeconds: 0, baseline: 0.99, candidate: 0.01 },
      { kind: 'bake', stage: 2, seconds: 21_600, earliestSeconds: 0, baseline: 0.9, candidate: 0.1 },
    ]);
  });

  it('watchedPeriodsOf: shadow -> the baseline has all requests, the candidate copies', () => {
    const [copies] = periodsOf([{ shadow: { mirror: '50%', bake: '2h' } }, 'standard']);
    assert.deepEqual([copies?.baseline, copies?.candidate, copies?.seconds], [1, 0.5, 7_200]);
  });

  it('watchedPeriodsOf: experiment -> its maximum time, and the earliest time of a decision', () => {
    const strategy = { abTest: { split: '50%', for: '14d', atMost: '28d' } };
    assert.deepEqual(periodsOf(strategy, { goals }), [
      {
        kind: 'experiment',
        stage: 1,
        seconds: 28 * 86_400,
        earliestSeconds: 14 * 86_400,
        baseline: 0.5,
        candidate: 0.5,
      },
    ]);
  });

  it('watchedPeriodsOf: no baseline -> no periods', () => {
    const models = { candidate: { model: 'digits-2' } };
    const serve = { instance: 'ml.m5.large', count: 2 };
    assert.deepEqual(watchedPeriodsOf(planWith({ models, serve }).steps), []);
  });
});
