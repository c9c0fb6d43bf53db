import assert from 'node:assert/strict';
import { markChanges, rolledBackBy, wentBack } from '../../../src/activities/models/version-marks.js';
import { outcomes, type Outcome } from '../../../src/plan/outcome.js';

const ended = (outcome: Outcome, endedAt = '2026-01-02T00:00:00.000Z', endpoint = 'shop') => ({
  ...{ rolloutId: `${endpoint}-00000001`, endpoint, outcome, endedAt },
});

/** The metadata after a write-back. */
function marked(found: Record<string, string>, rollout: ReturnType<typeof ended>): Record<string, string> {
  const { set, remove } = markChanges(rollout, found);
  const kept = Object.entries({ ...found, ...set }).filter(([key]) => !remove.includes(key));
  return Object.fromEntries(kept);
}

describe('marks on a version', () => {
  it('markChanges: repeated -> nothing to change', () => {
    for (const outcome of outcomes) {
      const once = marked({ owner: 'search' }, ended(outcome));
      assert.deepEqual(markChanges(ended(outcome), once), { set: {}, remove: [] });
      assert.equal(once['owner'], 'search');
      assert.equal(rolledBackBy(once) !== null, wentBack(outcome), outcome);
    }
  });

  it('markChanges: two endpoints at once, in either order -> the same marks, that of the rollback stays', () => {
    const promoted = ended('promoted', '2026-01-02T00:00:05.000Z', 'eu');
    const rolledBack = ended('rolledBack', '2026-01-02T00:00:00.000Z', 'us');
    const one = marked(marked({}, rolledBack), promoted);
    const other = marked(marked({}, promoted), rolledBack);
    assert.deepEqual(one, other);
    assert.deepEqual(markChanges(rolledBack, one), { set: {}, remove: [] });
    assert.equal(one['penstock:endpoint'], 'eu');
    assert.deepEqual(rolledBackBy(one), { endpoint: 'us', rolloutId: 'us-00000001' });
  });

  it('markChanges: promoted on the endpoint that had rolled it back -> its mark goes', () => {
    const before = marked({}, ended('rolledBack'));
    const after = marked(before, { ...ended('promoted', '2026-01-03T00:00:00.000Z'), rolloutId: 'shop-2' });
    assert.equal(rolledBackBy(after), null);
    assert.equal(after['penstock:outcome'], 'promoted');
  });
});
