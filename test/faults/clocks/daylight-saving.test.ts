import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import type { TimelineEntry } from '../../../src/client.js';
import { runLongRollout } from '../../e2e/long-rollout.js';

const zone = 'Europe/Berlin';

describe('daylight saving time', () => {
  for (const [direction, hours] of [
    ['forward', 13],
    ['back', 15],
  ] as const) {
    it(`calendar: clocks go ${direction} during a wait -> rollout continues at the right local time`, async () => {
      const sunday = nextChange(DateTime.fromISO('2026-01-01', { zone }), hours);
      const saturdayEvening = sunday.minus({ days: 1 }).set({ hour: 20 });
      const { result, timeline } = await runLongRollout({
        endpoint: `clocks-${direction}`,
        fields: {
          strategy: { standard: {} },
          guardrails: [],
          freeze: [{ weekly: 'Sat 18:00 - Sun 10:00', zone }],
          gates: [{ before: 'traffic', hours: { weekly: 'Sun 12:00-13:00', zone } }],
        },
        startMs: saturdayEvening.toMillis(),
      });
      assert.equal(result.outcome, 'promoted', result.reason);
      assertAt(timeline, /^moving the endpoint to/, sunday.set({ hour: 10 }));
      assertAt(timeline, /is open$/, sunday.set({ hour: 12 }));
    });
  }
});

/** The start of the next day on which `hours` hours pass between midnight and two o'clock in the afternoon. */
function nextChange(from: DateTime, hours: number): DateTime {
  for (let day = from.startOf('day').plus({ days: 2 }); ; day = day.plus({ days: 1 })) {
    if (day.set({ hour: 14 }).diff(day, 'hours').hours === hours) return day;
  }
}

/** The timeline entry with this message is at the expected time, to the minute. */
function assertAt(timeline: TimelineEntry[], message: RegExp, expected: DateTime): void {
  const found = timeline.find((entry) => message.test(entry.message));
  assert.ok(found, timeline.map((entry) => `${entry.at} ${entry.message}`).join('\n'));
  const late = Date.parse(found.at) - expected.toMillis();
  assert.ok(late >= 0 && late < 60_000, `${found.at}, and not at ${expected.toISO()}`);
}
