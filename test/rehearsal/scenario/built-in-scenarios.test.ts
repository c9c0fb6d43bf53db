import assert from 'node:assert/strict';
import { defaultAccountFor } from '../../../src/rehearsal/account/rehearsed-account.js';
import { builtInScenarios, buildScenario } from '../../../src/rehearsal/scenario/built-in-scenarios.js';
import { planOf, rehearsedSpec } from '../rehearsals.js';

function reasonsFor(fields: object): Record<string, string> {
  const plan = planOf(rehearsedSpec(fields));
  const account = defaultAccountFor(plan);
  return Object.fromEntries(
    builtInScenarios.flatMap(({ name }) => {
      const built = buildScenario(name, { plan, account });
      return 'reason' in built ? [[name, built.reason]] : [];
    }),
  );
}

describe('built-in scenarios', () => {
  it('spec without goal, alarm and freeze -> says why each scenario does not apply', () => {
    assert.deepEqual(reasonsFor({}), {
      better: 'the spec has no goal',
      worse: 'the spec has no goal',
      'alarm-flaps': 'the spec has no alarm',
      'freeze-clock-change': 'the spec has no freeze',
    });
  });

  it('spec with all of them -> every scenario applies', () => {
    assert.deepEqual(
      reasonsFor({
        goals: [{ metric: 'conversion', higherIsBetter: true, weekly: false }],
        strategy: { abTest: { split: '50%', for: '1d', atMost: '2d' } },
        guardrails: [{ alarm: 'ranker-5xx' }],
        freeze: [{ weekly: 'Fri 16:00 - Mon 08:00', zone: 'Europe/Berlin' }],
      }),
      {},
    );
  });

  it('switch and no baseline with instances to spare -> nothing to edit and nothing to shrink', () => {
    const serve = { topology: 'endpoints', instance: 'ml.m5.large', count: 1 };
    const { 'weights-edited': edited, 'baseline-shrinks': shrinks } = reasonsFor({ serve });
    assert.equal(edited, 'the switch divides the users, so there are no weights to edit');
    assert.equal(shrinks, 'the baseline has one instance only');
  });

  it('unknown name -> RangeError', () => {
    const plan = planOf(rehearsedSpec());
    assert.throws(() => buildScenario('calm', { plan, account: defaultAccountFor(plan) }), RangeError);
  });
});
