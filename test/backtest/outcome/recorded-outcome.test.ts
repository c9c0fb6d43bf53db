import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { differencesOf } from '../../../src/backtest/outcome/differences.js';
import { outcomeFromHistory } from '../../../src/backtest/outcome/recorded-outcome-in-history.js';
import { outcomeFromTimeline, type RecordedOutcome } from '../../../src/backtest/outcome/recorded-outcome.js';
import type { BacktestOutcome } from '../../../src/backtest/run/outcome.js';

interface StoredEvent {
  eventTime: string;
  activityTaskCompletedEventAttributes?: { result?: { payloads?: { data?: string }[] } };
}

function eventsOf(scenario: string): StoredEvent[] {
  const file = new URL(`../../replay/histories/${scenario}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { events: StoredEvent[] }).events;
}

const failed = { guardrail: 'errorRate', result: 'fail', message: 'error rate 7 % is not < 1 %' };
const passed = { ...failed, result: 'pass', message: 'error rate 0.4 % < 1 %' };

const ending = (outcome: string, reason: string) => ({ kind: 'decision', outcome, reason, message: 'x' });

describe('recorded outcome', () => {
  it('outcomeFromHistory: rolled back by a guardrail -> decided at the failing poll', () => {
    const events = eventsOf('rolled-back-by-a-guardrail');
    const { outcome, by, at, reason } = outcomeFromHistory(events, 'history.json');
    assert.deepEqual([outcome, by], ['rolledBack', 'errorRate']);
    assert.match(reason ?? '', /error rate 7\.1 %/);
    assert.ok(events.some(({ eventTime }) => eventTime === at) && at !== events.at(-1)?.eventTime);
  });

  it('outcomeFromHistory: decoded payloads -> same outcome', () => {
    const events = eventsOf('rolled-back-by-a-guardrail');
    const decoded = JSON.parse(JSON.stringify(events), (key, value: unknown) =>
      key === 'payloads' ? (value as { data?: string }[]).map(plain) : value,
    ) as unknown[];
    assert.deepEqual(outcomeFromHistory(decoded, 'a'), outcomeFromHistory(events, 'a'));
  });

  it('outcomeFromHistory: encrypted payloads -> rejected', () => {
    const events = eventsOf('rolled-back-by-a-guardrail').map((event) => {
      const result = { payloads: [{ metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==' }, data: '/xo=' }] };
      const done = event.activityTaskCompletedEventAttributes;
      return done ? { ...event, activityTaskCompletedEventAttributes: { ...done, result } } : event;
    });
    assert.throws(() => outcomeFromHistory(events, 'a'), /may be encrypted/);
  });

  it('outcomeFromTimeline: rolled back -> outcome, time, rule and first decisions', () => {
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

  it('outcomeFromTimeline: promoted -> decided when the last stage was cleared', () => {
    const { outcome, at, by } = outcomeFromTimeline(
      [
        { at: '2026-11-02T13:00:00Z', kind: 'verdict', report: 'clear', message: 'x', verdicts: [passed] },
        { ...ending('promoted', 'it serves'), at: '2026-11-03T14:21:00Z' },
      ],
      'timeline.json',
    );
    assert.deepEqual([outcome, at, by], ['promoted', '2026-11-02T13:00:00Z', null]);
  });

  it('outcomeFromTimeline: invalid entry -> rejected with its position', () => {
    assert.throws(() => outcomeFromTimeline([{ at: 'noon' }], 't.json'), /t\.json timeline\[0\]\.at/);
    const withoutReport = {
      at: '2026-11-02T13:00:00Z',
      kind: 'verdict',
      message: 'clear: fine',
      verdicts: [],
    };
    assert.throws(() => outcomeFromTimeline([withoutReport], 't.json'), /t\.json timeline\[0\]\.report/);
  });
});

describe('differencesOf', () => {
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

  it('differencesOf: different outcomes -> one message with both', () => {
    assert.equal(
      first(now({}))?.message,
      'live: rolled back at 2026-11-02 14:20 by errorRate; this spec: rolls back at 2026-11-02 13:05 by errorRate, 1h15m earlier',
    );
    assert.match(first(now({ outcome: 'promoted', by: null }))?.message ?? '', /this spec: promotes at/);
  });

  it('differencesOf: same time and rule -> no difference', () => {
    assert.equal(first(now({ at: '2026-11-02T14:20:00.000Z' }))?.isSame, true);
    assert.equal(first(now({}))?.isSame, false);
  });

  it('differencesOf: rules that failed live or in the backtest -> one message each', () => {
    const firstDecisions = { slow: { pass: null, fail: { at: '2026-11-02T13:05:00Z', message: 'slow' } } };
    const [, ...rules] = differencesOf(live, { outcome: now({ by: 'slow' }), firstDecisions });
    assert.deepEqual(
      rules.map(({ message }) => message),
      [
        'errorRate: live fails at 2026-11-02 14:20; this spec has no verdict',
        'slow: live has no verdict; this spec fails at 2026-11-02 13:05',
      ],
    );
  });
});

function plain(payload: { data?: string }): unknown {
  return payload.data === undefined ? null : JSON.parse(Buffer.from(payload.data, 'base64').toString());
}
