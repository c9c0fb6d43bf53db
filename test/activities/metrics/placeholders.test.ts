import assert from 'node:assert/strict';
import { fillSeries, hasPlaceholder } from '../../../src/activities/metrics/placeholders.js';

function seriesOf(value: string) {
  return { namespace: 'Shop', name: 'Visitors', stat: 'Sum', dimensions: { Of: value } };
}

describe('placeholders', () => {
  const arm = {
    endpoint: 'digits',
    variant: 'main',
    role: 'baseline',
    rolloutId: 'digits-1a2b3c4d',
  } as const;

  it('placeholders: arm known -> filled with its names', () => {
    const filled = fillSeries(seriesOf('{endpoint}/{variant} of {role} in {rolloutId}'), arm);
    assert.deepEqual(filled, seriesOf('digits/main of baseline in digits-1a2b3c4d'));
    assert.equal(hasPlaceholder(filled), false);
  });

  it('placeholders: unknown value or other braces -> unchanged', () => {
    const filled = fillSeries(seriesOf('{endpoint} {role} {toString} {}'), { endpoint: '{variant}' });
    assert.deepEqual(filled, seriesOf('{variant} {role} {toString} {}'));
    assert.equal(hasPlaceholder(filled), true);
    assert.equal(hasPlaceholder(seriesOf('{toString}')), false);
  });
});
