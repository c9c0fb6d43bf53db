import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  countDue,
  dueMs,
  nextSpan,
  planWindows,
  type Windows,
} from '../../../src/analysis/verdicts/windows.js';

const at = (time: string) => Date.parse(`2026-11-02T${time}Z`);
const guardrail = { windowSeconds: 60, dataDelaySeconds: 120 };

function windowsSince(
  time: string,
  changes: { windowSeconds?: number; metricPeriodSeconds?: number } = {},
): Windows {
  return planWindows(
    { ...guardrail, ...changes },
    { sinceMs: at(time), bakeSeconds: 360, metricPeriodSeconds: changes.metricPeriodSeconds ?? 60 },
  );
}

describe('planWindows', () => {
  it('planWindows: weights verified -> starts at the next whole metric period', () => {
    assert.equal(windowsSince('12:00:00.001').startMs, at('12:01:00'));
    assert.equal(windowsSince('12:00:00').startMs, at('12:00:00'));
    assert.equal(windowsSince('12:01:00', { metricPeriodSeconds: 300 }).startMs, at('12:05:00'));
    assert.equal(
      windowsSince('12:00:03', { metricPeriodSeconds: 10, windowSeconds: 30 }).startMs,
      at('12:00:10'),
    );
  });

  it('planWindows: windows of whole minutes -> start at a whole minute, as in CloudWatch', () => {
    assert.equal(windowsSince('12:00:03', { metricPeriodSeconds: 10 }).startMs, at('12:01:00'));
  });

  it('planWindows: bake length -> number of whole windows, at least 1', () => {
    assert.equal(windowsSince('12:00:00').planned, 6);
    assert.equal(windowsSince('12:00:00', { windowSeconds: 600 }).planned, 1);
  });

  it('countDue: data delay -> a window is due only after the delay', () => {
    const windows = windowsSince('12:00:00');
    assert.equal(dueMs(windows, 1), at('12:03:00'));
    assert.equal(countDue(windows, at('12:02:59.999')), 0);
    assert.equal(countDue(windows, at('12:03:00')), 1);
    assert.equal(countDue(windows, at('11:00:00')), 0);
  });
});

describe('nextSpan', () => {
  const windows = windowsSince('12:00:00');

  it('nextSpan: one window with enough requests -> that window', () => {
    const next = nextSpan(windows, 2, [100, 500], 100);
    assert.deepEqual([next?.span.firstWindow, next?.span.lastWindow, next?.requests], [3, 3, 100]);
  });

  it('nextSpan: too few requests in a window -> joined windows', () => {
    const next = nextSpan(windows, 2, [40, 0, 70, 500], 100);
    assert.deepEqual([next?.span.firstWindow, next?.span.lastWindow, next?.requests], [3, 5, 110]);
    assert.equal(next?.span.fromMs, at('12:02:00'));
    assert.equal(next?.span.toMs, at('12:05:00'));
  });

  it('nextSpan: too few requests in all windows -> null', () => {
    assert.equal(nextSpan(windows, 2, [40, 0], 100), null);
    assert.equal(nextSpan(windows, 2, [], 0), null);
  });

  it('nextSpan: any traffic -> covers every window once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 40 }), fc.nat(300), (counts, minimum) => {
        let judged = 0;
        for (;;) {
          const next = nextSpan(windows, judged, counts.slice(judged), minimum);
          if (next === null) break;
          assert.equal(next.span.firstWindow, judged + 1);
          assert.ok(next.requests >= minimum);
          judged = next.span.lastWindow;
        }
        const rest = counts.slice(judged);
        assert.ok(rest.length === 0 || rest.reduce((sum, count) => sum + count, 0) < minimum);
      }),
    );
  });
});
