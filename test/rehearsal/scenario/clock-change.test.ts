import assert from 'node:assert/strict';
import type { CalendarRule } from '../../../src/plan/compiled/gate.js';
import { findClockChange } from '../../../src/rehearsal/scenario/clock-change.js';

const weekend: CalendarRule[] = [5, 6, 7].map((day) => ({
  zone: 'Europe/Berlin',
  kind: 'weekly',
  days: [day],
  from: day === 5 ? '16:00' : '00:00',
  to: '00:00',
}));

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

describe('clock change in a freeze', () => {
  it('weekly freeze of the weekend -> the first change, an hour before the freeze, the end in the new time', () => {
    const found = findClockChange(weekend);
    // The clocks of Berlin change on 29 March 2026 at 01:00 UTC.
    assert.equal(iso(found?.changeMs), '2026-03-29T01:00:00.000Z');
    assert.equal(iso(found?.startMs), '2026-03-27T14:00:00.000Z');
    assert.equal(iso(found?.endMs), '2026-03-29T22:00:00.000Z');
  });

  it('freeze in a zone without clock changes -> none', () => {
    assert.equal(findClockChange(weekend.map((rule) => ({ ...rule, zone: 'Asia/Tokyo' }))), null);
  });

  it('single freeze without a clock change in it -> none', () => {
    const rule: CalendarRule = {
      ...{ zone: 'Europe/Berlin', kind: 'once' },
      ...{ from: '2026-12-23T00:00', to: '2027-01-02T06:00' },
    };
    assert.equal(findClockChange([rule]), null);
  });
});
