import assert from 'node:assert/strict';
import {
  updateDriftHistory,
  isDrifted,
  type DriftHistory,
} from '../../../src/activities/drift/drift-history.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 2, 12, minute)).toISOString();
const atFirst: DriftHistory = { cleanAt: at(0), spans: [] };

/** What was seen at minute 1, 2, and so on: `c` clean, `d` drift, `u` nothing. */
function follow(looks: string): DriftHistory {
  return [...looks].reduce(
    (seen, look, i) =>
      updateDriftHistory(seen, {
        drift: look === 'd' ? 'moved' : null,
        endpointSeen: look !== 'u',
        nowMs: Date.parse(at(i + 1)),
      }),
    atFirst,
  );
}

describe('when drift was seen', () => {
  it('lasts from the last clean look to the next one', () => {
    assert.deepEqual(follow('ccddc'), { cleanAt: at(5), spans: [{ from: at(2), to: at(5) }] });
  });

  it('lasts on until a look says otherwise', () => {
    assert.deepEqual(follow('cdu').spans, [{ from: at(1), to: null }]);
    assert.deepEqual(follow('cuud').spans, [{ from: at(1), to: null }]);
    assert.deepEqual(follow('cduc').spans, [{ from: at(1), to: at(4) }]);
  });

  it('is kept within bounds, leaving out more rather than less', () => {
    const { spans } = follow('cd'.repeat(25));
    assert.equal(spans.length, 20);
    assert.deepEqual(spans[0], { from: at(1), to: at(13) });
  });

  it('touches every window that it overlaps', () => {
    const { spans } = follow('ccddccccd');
    const isIn = (from: number, to: number) => isDrifted(spans, { from: at(from), to: at(to) });
    assert.deepEqual([isIn(1, 2), isIn(1, 3), isIn(4, 5), isIn(5, 6)], [false, true, true, false]);
    assert.deepEqual([isIn(7, 8), isIn(8, 9), isIn(30, 31)], [false, true, true]);
  });
});
