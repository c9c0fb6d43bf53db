import assert from 'node:assert/strict';
import { Random } from '../../../src/emulator/account/random.js';
import { requestValuesOf } from '../../../src/emulator/traffic/request-metrics.js';
import type { InvocationTally } from '../../../src/emulator/traffic/tally.js';

const tally = { visitors: 100_000, modelErrors: 0 } as InvocationTally;

describe('requestValuesOf', () => {
  it('requestValuesOf: amount with a mean above 0 -> single values with that mean and deviation', () => {
    const values = requestValuesOf(new Random(1), { kind: 'amount', mean: 10, std: 20 }, tally, 60);
    const entries = values.entries() ?? assert.fail('no values');
    assert.deepEqual(
      entries.map(([value]) => value),
      [0, 50],
    );
    assert.equal(values.count, tally.visitors);
    assert.ok(Math.abs(values.sum / values.count - 10) < 0.3);
    const squares = requestValuesOf(new Random(1), { kind: 'squaredAmount', mean: 10, std: 20 }, tally, 60);
    assert.equal(squares.maximum, 2500);
    assert.ok(Math.abs(squares.sum / squares.count - 500) < 15);
  });

  it('requestValuesOf: amount with a mean of 0 or less -> each value is near the mean', () => {
    const values = requestValuesOf(new Random(1), { kind: 'amount', mean: -5, std: 20 }, tally, 60);
    assert.ok(Math.abs(values.minimum + 5) < 0.5);
  });
});
