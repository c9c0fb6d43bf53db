import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { differencesOf } from '../../../src/backtest/outcome/differences.js';
import { outcomeFromHistory } from '../../../src/backtest/outcome/recorded-outcome-in-history.js';
import { outcomeFromTimeline, type RecordedOutcome } from '../../../src/backtest/outcome/recorded-outcome.js';
import type { BacktestOutcome } from '../../../src/backtest/run/run-segments.js';

interface StoredEvent {
  eventTime: string;
  activityTaskCompletedEventAttributes?: { result?: { payloads?: { data?: string }[] } };
}

function eventsOf(story: string): StoredEvent[] {
  const file = new URL(`../../replay/histories/${story}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { events: StoredEvent[] }).events;
}

const failed = { guardrail: 'errorRate', result: 'fail', message: 'error rate 7 % is not < 1 %' };
const passed = { ...failed, result: 'pass', message: 'error rate 0.4 % < 1 %' };

const ending = (outcome: string, reason: string) => ({ kind: 'decision', outcome, reason, message: 'x' });

describe('what happened', () => {
  it('is read from a workflow history, decided when the failing look was', () => {
    const events = eventsOf('rolled-back-by-a-guardrail');
    const { outcome, by, at, reason } = outcomeFromHistory(events, 'history.json');
    assert.deepEqual([outcome, by], ['rolledBack', 'errorRate']);
    assert.match(reason ?? '', /error rate 7\.1 %/);
    assert.ok(events.some(({ eventTime }) => eventTime === at) && at !== events.at(-1)?.eventTime);
  });

  it('is read from a history whose payloads are decoded', () => {
    const events = eventsOf('rolled-back-by-a-guardrail');
    const decoded = JSON.parse(JSON.stringify(events), (key, value: unknown) =>
      key === 'payloads' ? (value as { data?: string }[]).map(plain) : value,
    ) as unknown[];
    assert.deepEqual(outcomeFromHistory(decoded, 'a'), outcomeFromHistory(events, 'a'));
  });

  it('is refused where the payloads are encrypted', () => {
    const events = eventsOf('rolled-back-by-a-guardrail').map((event) => {
      const result = { payloads: [{ metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==' }, data: '/xo=' }] };
      const done = event.activityTaskCompletedEventAttributes;
      return done ? { ...event, activityTaskCompletedEventAttributes: { ...done, result } } : event;
    });
    assert.throws(() => outcomeFromHistory(events, 'a'), /is it encrypted/);
  });

  it('is read from a timeline', () => {
    const actual = outcomeFromTimeline(
      [
        { at: '2026-11-02T13:00:00Z', kind: 'verdict', report: 'clear', message: 'x', verdicts: [passed] },
        { at: '2026-11-02T14:20:00Z', kind: 'verdict', report: 'fail', message: 'x', verdicts: [failed] },
        { at: '2026-11-02T14:21:00Z', kind: 'decision', message: 'promoted: not by its words' },
        { ...ending('rolledBack', 'error rate 7 %'), at: '2026-11-02T14:21:00Z' },
      ],
      'timeline.json',
    );
    assert.deepEqual(actual, {
      source: 'timeline',
      outcome: 'rolledBack',
      at: '2026-11-02T14:20:00Z',
      by: 'errorRate',
      reason: 'error rate 7 %',
      firstDecisions: {
        errorRate: {
          pass: { at: '2026-11-02T13:00:00Z', message: passed.message },
          fail: { at: '2026-11-02T14:20:00Z', message: failed.message },
        },
      },
    });
  });

  it('of a promotion was decided with the last stage that was cleared', () => {
    const { outcome, at, by } = outcomeFromTimeline(
      [
        { at: '2026-11-02T13:00:00Z', kind: 'verdict', report: 'clear', message: 'x', verdicts: [passed] },
        { ...ending('promoted', 'it serves'), at: '2026-11-03T14:21:00Z' },
      ],
      'timeline.json',
    );
    assert.deepEqual([outcome, at, by], ['promoted', '2026-11-02T13:00:00Z', null]);
  });

  it('is refused with the entry that is none', () => {
    assert.throws(() => outcomeFromTimeline([{ at: 'noon' }], 't.json'), /t\.json timeline\[0\]\.at/);
    const unsaid = { at: '2026-11-02T13:00:00Z', kind: 'verdict', message: 'clear: fine', verdicts: [] };
    assert.throws(() => outcomeFromTimeline([unsaid], 't.json'), /t\.json timeline\[0\]\.report/);
  });
});

describe('the difference to what happened', () => {
  const live: RecordedOutcome = {
    source: 'timeline',
    outcome: 'rolledBack',
    at: '2026-11-02T14:20:00Z',
    by: 'errorRate',
    reason: null,
    firstDecisions: { errorRate: { pass: null, fail: { at: '2026-11-02T14:20:00Z', message: 'bad' } } },
  };
  const now = (changes: Partial<BacktestOutcome>): BacktestOutcome => ({
    outcome: 'rolledBack',
    at: '2026-11-02T13:05:00.000Z',
    by: 'errorRate',
    message: 'bad',
    ...changes,
  });
  const first = (outcome: BacktestOutcome) => differencesOf(live, { outcome, firstDecisions: {} })[0];

  it('is told in one sentence', () => {
    assert.equal(
      first(now({}))?.message,
      'live: rolled back at 2026-11-02 14:20 by errorRate; this spec: rolls back at 2026-11-02 13:05 by errorRate, 1h15m earlier',
    );
    assert.match(first(now({ outcome: 'promoted', by: null }))?.message ?? '', /this spec: promotes at/);
  });

  it('is none where time and rule are the same', () => {
    assert.equal(first(now({ at: '2026-11-02T14:20:00.000Z' }))?.isSame, true);
    assert.equal(first(now({}))?.isSame, false);
  });

  it('names each rule that failed in one of the two', () => {
    const firstDecisions = { slow: { pass: null, fail: { at: '2026-11-02T13:05:00Z', message: 'slow' } } };
    const [, ...rules] = differencesOf(live, { outcome: now({ by: 'slow' }), firstDecisions });
    assert.deepEqual(
      rules.map(({ message }) => message),
      [
        'errorRate: live fails at 2026-11-02 14:20; this spec says nothing',
        'slow: live says nothing; this spec fails at 2026-11-02 13:05',
      ],
    );
  });
});

function plain(payload: { data?: string }): unknown {
  return payload.data === undefined ? null : JSON.parse(Buffer.from(payload.data, 'base64').toString());
}
