import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { evaluateRules } from '../../../src/activities/gates/calendar-rules.js';
import { createEvaluateCalendar } from '../../../src/activities/gates/calendar.js';
import type { CalendarRule } from '../../../src/plan/compiled/gate.js';

const berlin = 'Europe/Berlin';
const newYork = 'America/New_York';
const lordHowe = 'Australia/Lord_Howe';
const everyDay = [1, 2, 3, 4, 5, 6, 7];

const weekly = (zone: string, days: number[], from: string, to: string): CalendarRule => ({
  zone,
  kind: 'weekly',
  days,
  from,
  to,
});
const cron = (zone: string, expression: string, seconds: number): CalendarRule => ({
  zone,
  kind: 'cron',
  expression,
  seconds,
});
const once = (zone: string, from: string, to: string): CalendarRule => ({ zone, kind: 'once', from, to });

const weekend = [
  weekly(berlin, [5], '16:00', '00:00'),
  weekly(berlin, [6, 7], '00:00', '00:00'),
  weekly(berlin, [1], '00:00', '08:00'),
];
const nights = (zone: string) => [weekly(zone, everyDay, '22:00', '06:00')];

/** Name (condition -> result), rules, at, holds, until. Times in ISO 8601. */
const cases: [string, CalendarRule[], string, boolean, string | null][] = [
  ['no rules -> never applies', [], '2026-11-02T12:00Z', false, null],
  [
    'before a weekend -> begins on Friday',
    weekend,
    '2026-11-05T12:00+01:00',
    false,
    '2026-11-06T16:00+01:00',
  ],
  ['first moment of a weekend -> applies', weekend, '2026-11-06T16:00+01:00', true, '2026-11-09T08:00+01:00'],
  [
    'weekend on Sunday night -> applies until Monday',
    weekend,
    '2026-11-08T23:59+01:00',
    true,
    '2026-11-09T08:00+01:00',
  ],
  ['end of a weekend -> next weekend', weekend, '2026-11-09T08:00+01:00', false, '2026-11-13T16:00+01:00'],
  [
    'weekend of the clock change in spring -> one hour shorter',
    weekend,
    '2026-03-27T16:00+01:00',
    true,
    '2026-03-30T08:00+02:00',
  ],
  [
    'weekend of the clock change in autumn -> one hour longer',
    weekend,
    '2026-10-23T16:00+02:00',
    true,
    '2026-10-26T08:00+01:00',
  ],
  [
    'night after midnight -> applies until the morning',
    nights(berlin),
    '2026-11-03T00:30+01:00',
    true,
    '2026-11-03T06:00+01:00',
  ],
  [
    'night at the end of the year -> applies until the morning',
    nights(berlin),
    '2026-12-31T23:00+01:00',
    true,
    '2027-01-01T06:00+01:00',
  ],
  [
    'Sunday night -> ends on Monday',
    [weekly(berlin, [7], '22:00', '06:00')],
    '2026-11-09T05:59+01:00',
    true,
    '2026-11-09T06:00+01:00',
  ],
  [
    'Berlin, night of the clock change forward -> ends at 06:00 wall time',
    nights(berlin),
    '2026-03-28T22:00+01:00',
    true,
    '2026-03-29T06:00+02:00',
  ],
  [
    'Berlin, night of the clock change back -> ends at 06:00 wall time',
    nights(berlin),
    '2026-10-24T22:00+02:00',
    true,
    '2026-10-25T06:00+01:00',
  ],
  [
    'New York, night of the clock change forward -> ends at 06:00 wall time',
    nights(newYork),
    '2026-03-07T22:00-05:00',
    true,
    '2026-03-08T06:00-04:00',
  ],
  [
    'New York, night of the clock change back -> ends at 06:00 wall time',
    nights(newYork),
    '2026-10-31T22:00-04:00',
    true,
    '2026-11-01T06:00-05:00',
  ],
  [
    'Lord Howe, clock change forward by half an hour -> ends at 06:00 wall time',
    nights(lordHowe),
    '2026-10-03T22:00+10:30',
    true,
    '2026-10-04T06:00+11:00',
  ],
  [
    'Lord Howe, clock change back by half an hour -> ends at 06:00 wall time',
    nights(lordHowe),
    '2026-04-04T22:00+11:00',
    true,
    '2026-04-05T06:00+10:30',
  ],
  [
    'zone without clock changes -> ends at 06:00 wall time',
    nights('Asia/Kolkata'),
    '2026-03-28T22:00+05:30',
    true,
    '2026-03-29T06:00+05:30',
  ],
  [
    'Berlin, clocks skip the start -> begins at the clock change',
    [weekly(berlin, [7], '02:30', '04:00')],
    '2026-03-29T00:30Z',
    false,
    '2026-03-29T01:00Z',
  ],
  [
    'Lord Howe, clocks skip the start -> begins at the clock change',
    [weekly(lordHowe, [7], '02:15', '04:00')],
    '2026-10-04T01:30+10:30',
    false,
    '2026-10-04T02:30+11:00',
  ],
  [
    'New York, clocks skip the end -> ends at the clock change',
    [weekly(newYork, [7], '01:00', '02:30')],
    '2026-03-08T01:30-05:00',
    true,
    '2026-03-08T03:00-04:00',
  ],
  [
    'clocks skip the whole span -> next span',
    [weekly(berlin, [7], '02:15', '02:45')],
    '2026-03-28T12:00Z',
    false,
    '2026-04-05T02:15+02:00',
  ],
  [
    'Berlin, span in the repeated hour -> from its first start to its second end',
    [weekly(berlin, [7], '02:15', '02:45')],
    '2026-10-25T02:15+02:00',
    true,
    '2026-10-25T02:45+01:00',
  ],
  [
    'Lord Howe, span in the repeated half hour -> from its first start to its second end',
    [weekly(lordHowe, [7], '01:40', '01:50')],
    '2026-04-05T01:40+11:00',
    true,
    '2026-04-05T01:50+10:30',
  ],
  [
    'clock change at midnight -> adjoining days stay one span',
    [weekly('America/Santiago', [6, 7], '00:00', '00:00')],
    '2026-09-05T12:00-04:00',
    true,
    '2026-09-07T00:00-03:00',
  ],
  [
    'every whole day -> applies without an end',
    [weekly(berlin, everyDay, '00:00', '00:00')],
    '2026-11-02T12:00Z',
    true,
    null,
  ],
  [
    'single span, then every whole day -> applies without an end',
    [once(berlin, '2026-11-01T00:00', '2040-01-01T00:00'), weekly(berlin, everyDay, '00:00', '00:00')],
    '2026-11-02T12:00Z',
    true,
    null,
  ],
  [
    'before a yearly holiday -> begins on its date',
    [cron(berlin, '0 0 24 12 *', 259_200)],
    '2026-11-02T12:00Z',
    false,
    '2026-12-24T00:00+01:00',
  ],
  [
    'during a yearly holiday -> applies for its duration',
    [cron(berlin, '0 0 24 12 *', 259_200)],
    '2026-12-26T23:59+01:00',
    true,
    '2026-12-27T00:00+01:00',
  ],
  [
    'leap day rule -> begins on the next leap day',
    [cron('UTC', '0 0 29 2 *', 86_400)],
    '2026-11-02T12:00Z',
    false,
    '2028-02-29T00:00Z',
  ],
  [
    'yearly span of 365 days -> gap on the last day of a leap year',
    [cron('UTC', '0 0 1 1 *', 365 * 86_400)],
    '2026-11-02T12:00Z',
    true,
    '2028-12-31T00:00Z',
  ],
  [
    'every whole hour -> applies without an end',
    [cron(berlin, '0 * * * *', 3_600)],
    '2026-11-02T12:00Z',
    true,
    null,
  ],
  [
    'clocks skip a cron start -> begins at the clock change',
    [cron(berlin, '30 2 * * *', 600)],
    '2026-03-29T00:30Z',
    false,
    '2026-03-29T03:00+02:00',
  ],
  [
    'cron start in the repeated hour -> begins at the first time',
    [cron(berlin, '30 2 * * *', 600)],
    '2026-10-25T02:00+02:00',
    false,
    '2026-10-25T02:30+02:00',
  ],
  [
    'cron start in the repeated hour, after the first span -> begins again',
    [cron(berlin, '30 2 * * *', 600)],
    '2026-10-25T02:40+02:00',
    false,
    '2026-10-25T02:30+01:00',
  ],
  [
    'cron span over a clock change -> lasts its duration in real time',
    [cron(berlin, '0 12 * * 6', 86_400)],
    '2026-10-24T12:00+02:00',
    true,
    '2026-10-25T11:00+01:00',
  ],
  [
    'before a single span -> begins at its start',
    [once(newYork, '2026-12-24T00:00', '2027-01-02T06:00')],
    '2026-12-01T00:00Z',
    false,
    '2026-12-24T00:00-05:00',
  ],
  [
    'during a single span -> applies until its end',
    [once(newYork, '2026-12-24T00:00', '2027-01-02T06:00')],
    '2027-01-01T00:00Z',
    true,
    '2027-01-02T06:00-05:00',
  ],
  [
    'after a single span -> never applies',
    [once(newYork, '2026-12-24T00:00', '2027-01-02T06:00')],
    '2027-01-02T06:00-05:00',
    false,
    null,
  ],
  [
    'single span of 40 years -> applies until its end',
    [once('UTC', '2026-01-01T00:00', '2066-01-01T00:00')],
    '2026-12-01T00:00Z',
    true,
    '2066-01-01T00:00Z',
  ],
  [
    'overlapping and adjoining rules in several zones -> one span',
    [...weekend, once('UTC', '2026-11-09T06:00', '2026-11-09T12:00'), weekly(newYork, [1], '07:00', '09:00')],
    '2026-11-07T00:00Z',
    true,
    '2026-11-09T09:00-05:00',
  ],
];

const zones = [berlin, newYork, lordHowe, 'America/Santiago', 'Asia/Kolkata', 'Pacific/Kiritimati', 'UTC'];
const two = (n: number) => String(n).padStart(2, '0');
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
const date = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), time)
  .map(([month, day, at]) => `2026-${two(month)}-${two(day)}T${at}`);
const zone = fc.constantFrom(...zones);
const weeklyRule = fc
  .tuple(zone, fc.subarray(everyDay, { minLength: 1 }), time, time)
  .map((parts) => weekly(...parts));
const cronRule = fc
  .tuple(
    zone,
    fc.constantFrom(
      '0 0 24 12 *',
      '30 2 * * *',
      '15 1 * 3,4,10,11 *',
      '0 3 * * 0',
      '0 * * * 5',
      '0 0 1,15 * *',
    ),
    fc.integer({ min: 1, max: 200 }).map((halfHours) => halfHours * 1_800),
  )
  .map((parts) => cron(...parts));
const onceRule = fc
  .tuple(zone, date, date)
  .map(([name, one, other]) => (one < other ? once(name, one, other) : once(name, other, one)));
const someRules = fc.array(fc.oneof(weeklyRule, cronRule, onceRule), { maxLength: 5 });

const dayMs = 86_400_000;
const anyMoment = fc.integer({ min: Date.parse('2026-01-01T00:00Z'), max: Date.parse('2026-12-31T00:00Z') });
/** Days around the clock changes of 2026 in the zones above. */
const changes = ['03-08', '03-29', '04-05', '09-06', '10-04', '10-25', '11-01'];
const nearChange = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -dayMs, max: 2 * dayMs }))
  .map(([day, offset]) => Date.parse(`2026-${day}T00:00Z`) + offset);
const moment = fc.oneof(anyMoment, nearChange);

/** Day of the week and wall time, from Intl alone. */
function wallOf(name: string, atMs: number): { day: number; time: string } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  return {
    day: names.indexOf(parts.get('weekday') ?? '') + 1,
    time: `${parts.get('hour')}:${parts.get('minute')}`,
  };
}

function holdsByWall({ days, from, to, zone }: CalendarRule & { kind: 'weekly' }, atMs: number): boolean {
  const { day, time } = wallOf(zone, atMs);
  const before = day === 1 ? 7 : day - 1;
  if (to > from) return days.includes(day) && from <= time && time < to;
  return (days.includes(day) && from <= time) || (days.includes(before) && time < to);
}

function isNearChange(atMs: number): boolean {
  return changes.some((day) => Math.abs(Date.parse(`2026-${day}T12:00Z`) - atMs) < 2 * dayMs);
}

describe('calendar rules', () => {
  for (const [what, rules, at, holds, until] of cases)
    it(`calendar rules: ${what}`, () => {
      const answer = evaluateRules(rules, Date.parse(at));
      const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
      const expected = { holds, until: until === null ? null : iso(Date.parse(until)) };
      assert.deepEqual({ holds: answer.holds, until: iso(answer.until) }, expected);
    });

  it('calendar rules: random rules and times -> result changes exactly at the reported time', () => {
    const between = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(someRules, moment, fc.array(between, { maxLength: 6 }), (rules, atMs, shares) => {
        const answer = evaluateRules(rules, atMs);
        const untilMs = answer.until ?? atMs + 400 * dayMs;
        assert.ok(untilMs > atMs);
        if (answer.until !== null) assert.equal(evaluateRules(rules, answer.until).holds, !answer.holds);
        for (const share of shares) {
          const laterMs = atMs + Math.floor(share * (untilMs - atMs));
          assert.deepEqual(evaluateRules(rules, laterMs), answer);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('calendar rules: random rules -> apply if any single rule applies', () => {
    fc.assert(
      fc.property(someRules, moment, (rules, atMs) => {
        const single = rules.map((rule) => evaluateRules([rule], atMs).holds);
        assert.equal(evaluateRules(rules, atMs).holds, single.includes(true));
      }),
    );
  });

  it('calendar rules: random weekly rules, no clock change -> agree with the wall time', () => {
    fc.assert(
      fc.property(weeklyRule, anyMoment, (rule, atMs) => {
        fc.pre(!isNearChange(atMs) && rule.kind === 'weekly');
        if (rule.kind === 'weekly') assert.equal(evaluateRules([rule], atMs).holds, holdsByWall(rule, atMs));
      }),
      { numRuns: 500 },
    );
  });
});

describe('evaluateCalendar', () => {
  const evaluateCalendar = createEvaluateCalendar();
  const evaluateAt = (rules: CalendarRule[], at: string) =>
    new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: Date.parse(at) }).run(
      evaluateCalendar,
      {
        rules,
      },
    );

  it('evaluateCalendar: rules in two zones -> end by Temporal’s clock, shown in both zones', async () => {
    assert.deepEqual(await evaluateAt([...weekend, ...nights(newYork)], '2026-11-07T12:00Z'), {
      holds: true,
      until: '2026-11-09T11:00:00.000Z',
      message:
        'a calendar rule applies until 2026-11-09 12:00 Europe/Berlin, 2026-11-09 06:00 America/New_York',
    });
    assert.deepEqual(await evaluateAt(weekend, '2026-11-05T12:00Z'), {
      holds: false,
      until: '2026-11-06T15:00:00.000Z',
      message: 'no calendar rule applies until 2026-11-06 16:00 Europe/Berlin',
    });
  });

  it('evaluateCalendar: result never changes -> message without a time', async () => {
    const never = await evaluateAt([], '2026-11-05T12:00Z');
    assert.deepEqual(never, {
      holds: false,
      until: null,
      message: 'no calendar rule applies, now or later',
    });
    const always = await evaluateAt([weekly(berlin, everyDay, '00:00', '00:00')], '2026-11-05T12:00Z');
    assert.deepEqual(always, { holds: true, until: null, message: 'a calendar rule applies without an end' });
  });
});
