import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import type { TimelineEntry } from '../../../src/client.js';
import { tell } from '../../e2e/long-rollout.js';
import { timeSkipping } from '../../support/time-skipping.js';

const zone = 'Europe/Berlin';

describe('a rollout that waits while clocks are changed', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  for (const [direction, hours] of [
    ['forward', 13],
    ['back', 15],
  ] as const) {
    it(`goes on at the right local time when they are put ${direction}`, async () => {
      const env = await timeSkipping();
      const sunday = nextChange(DateTime.fromMillis(await env.currentTimeMs(), { zone }), hours);
      const saturdayEvening = sunday.minus({ days: 1 }).set({ hour: 20 });
      await env.sleep(saturdayEvening.toMillis() - (await env.currentTimeMs()));
      const { result, timeline } = await tell({
        endpoint: `clocks-${direction}`,
        fields: {
          strategy: { standard: {} },
          guardrails: [],
          // It is looked at as seldom as everything else here.
          serve: { limits: { deploy: '4d', shift: '4d' } },
          freeze: [{ weekly: 'Sat 18:00 - Sun 10:00', zone }],
          gates: [{ before: 'traffic', hours: { weekly: 'Sun 12:00-13:00', zone } }],
        },
        lookHours: 1,
      });
      assert.equal(result.outcome, 'promoted', result.reason);
      assertAt(timeline, /^bringing the endpoint onto/, sunday.set({ hour: 10 }));
      assertAt(timeline, /is open$/, sunday.set({ hour: 12 }));
    });
  }
});

/** The day's beginning. On it, so many hours pass between midnight and two o'clock in the afternoon. */
function nextChange(from: DateTime, hours: number): DateTime {
  for (let day = from.startOf('day').plus({ days: 2 }); ; day = day.plus({ days: 1 })) {
    if (day.set({ hour: 14 }).diff(day, 'hours').hours === hours) return day;
  }
}

/** What this sentence tells of happened then, to the minute. */
function assertAt(timeline: TimelineEntry[], message: RegExp, expected: DateTime): void {
  const found = timeline.find((entry) => message.test(entry.message));
  assert.ok(found, timeline.map((entry) => `${entry.at} ${entry.message}`).join('\n'));
  const late = Date.parse(found.at) - expected.toMillis();
  assert.ok(late >= 0 && late < 60_000, `${found.at}, and not at ${expected.toISO()}`);
}
