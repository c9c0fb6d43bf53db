import assert from 'node:assert/strict';
import {
  updateDriftHistory,
  followsDrift,
  isDrifted,
  type DriftHistory,
} from '../../../src/activities/drift/drift-history.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 2, 12, minute)).toISOString();
const initialHistory: DriftHistory = { cleanAt: at(0), spans: [] };

/** Polls at minute 1, 2 and so on: `c` clean, `d` drift, `u` endpoint unreadable. */
function follow(polls: string): DriftHistory {
  return [...polls].reduce(
    (history, poll, i) =>
      updateDriftHistory(history, {
        drift: poll === 'd' ? 'moved' : null,
        endpointSeen: poll !== 'u',
        nowMs: Date.parse(at(i + 1)),
      }),
    initialHistory,
  );
}

describe('drift history', () => {
  it('drift history: drift between clean polls -> span from the last clean poll to the next', () => {
    assert.deepEqual(follow('ccddc'), { cleanAt: at(5), spans: [{ from: at(2), to: at(5) }] });
  });

  it('drift history: endpoint unreadable after drift -> span stays open', () => {
    assert.deepEqual(follow('cdu').spans, [{ from: at(1), to: null }]);
    assert.deepEqual(follow('cuud').spans, [{ from: at(1), to: null }]);
    assert.deepEqual(follow('cduc').spans, [{ from: at(1), to: at(4) }]);
  });

  it('drift history: more than 20 spans -> oldest spans merged', () => {
    const { spans } = follow('cd'.repeat(25));
    assert.equal(spans.length, 20);
    assert.deepEqual(spans[0], { from: at(1), to: at(13) });
  });

  it('drift history: window overlaps a span -> drifted', () => {
    const { spans } = follow('ccddccccd');
    const isIn = (from: number, to: number) => isDrifted(spans, { from: at(from), to: at(to) });
    assert.deepEqual([isIn(1, 2), isIn(1, 3), isIn(4, 5), isIn(5, 6)], [false, true, true, false]);
    assert.deepEqual([isIn(7, 8), isIn(8, 9), isIn(30, 31)], [false, true, true]);
  });

  it('drift history: window begins soon after a span -> follows it', () => {
    const spans = [
      { from: at(1), to: at(3) },
      { from: at(9), to: null },
    ];
    const follows = (from: number, minutes: number) => followsDrift(spans, { from: at(from) }, minutes * 60);
    assert.deepEqual(
      [follows(3, 0), follows(3, 1), follows(4, 1), follows(4, 2)],
      [false, true, false, true],
    );
    assert.deepEqual([follows(2, 5), follows(10, 5)], [false, false]);
  });
});
