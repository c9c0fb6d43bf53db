/** A name such as `constructor`, which every JavaScript object inherits, is a name like any other. */
import assert from 'node:assert/strict';
import { rehearsedSpec, rehearseSpec } from '../rehearsals.js';

const source = {
  namespace: 'queue',
  name: 'toString',
  stat: 'Average',
  dimensions: { Variant: '{variant}' },
};

const spec = rehearsedSpec({
  guardrails: [{ metric: 'constructor', below: 50, window: '5m', source }, { alarm: 'valueOf' }],
});

describe('rehearsal with names that objects inherit', () => {
  it('rehearsal: metric and alarm without values of the scenario -> the stated assumptions, promoted', async () => {
    const { outcome, reason } = await rehearseSpec(spec);
    assert.equal(outcome, 'promoted', reason);
  });

  it('rehearsal: the scenario gives the metric a value out of its bound -> rolled back', async () => {
    const { outcome, reason } = await rehearseSpec(spec, {
      candidate: { metrics: { toString: 70 } },
    });
    assert.equal(outcome, 'rolledBack', reason);
    assert.match(reason, /constructor 70/);
  });
});
