/** Drawn endpoints with several variants. */
import assert from 'node:assert/strict';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import { drawScenario } from './scenario.js';

const scenarios = Array.from({ length: 500 }, (_, seed) => drawScenario(seed + 1)).filter(
  ({ account }) => account.others.length > 0,
);

describe('drawn endpoints with several variants', () => {
  it('drawn others: some hundred seeds -> a tenth or more have other variants, some of them changed or scaled', () => {
    const others = scenarios.flatMap(({ account }) => account.others);
    assert.ok(scenarios.length >= 50, `${scenarios.length}`);
    assert.ok(others.some(({ since }) => since !== null));
    assert.ok(others.some(({ isScaled }) => isScaled));
  });

  it('drawn others: spec -> valid, and names the variant to replace', () => {
    for (const { spec } of scenarios)
      assert.deepEqual(validateSpec(spec).models.baseline, { kind: 'live', variant: 'AllTraffic' });
  });

  it('drawn others: events -> some change another variant during the rollout', () => {
    const changes = scenarios.flatMap(({ events }) =>
      events.flatMap((event) => (event.kind === 'external' ? [event.change.what] : [])),
    );
    assert.ok(changes.includes('others'));
  });
});
