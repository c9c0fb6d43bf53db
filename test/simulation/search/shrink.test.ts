import assert from 'node:assert/strict';
import { drawScenario } from './draw/scenario.js';
import type { Scenario } from './scenario.js';
import { shrink } from './shrink.js';

describe('shrinking', () => {
  it('shrinking: one event makes it fail -> only this event and the parts of the spec that are needed remain', async () => {
    const drawn = drawScenario(6);
    const culprit = { atSeconds: 700, kind: 'command', command: 'pause', actor: 'eve' } as const;
    const scenario: Scenario = { ...drawn, events: [...drawn.events, culprit] };
    const fails = ({ events }: Scenario) =>
      Promise.resolve(events.some((event) => event.kind === 'command' && event.actor === 'eve'));
    const smallest = await shrink(scenario, fails);
    assert.deepEqual(smallest.events, [culprit]);
    assert.equal(smallest.spec.guardrails, undefined);
    assert.equal(smallest.spec.gates, undefined);
    assert.equal(smallest.seed, 6);
  });
});
