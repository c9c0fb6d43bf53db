import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { z } from 'zod';
import { freeze } from '../../../../src/plan/spec/fields/freeze.js';
import { outputOf, problemsIn } from '../spec-problems.js';

const zone = 'Europe/Berlin';
const berlin = (rule: object) => [{ ...rule, zone }];

/** Days, begin and end of each span. */
const weekly: [string, [number[], string, string][]][] = [
  ['Sat, Sun', [[[6, 7], '00:00', '00:00']]],
  ['Fri-Mon', [[[1, 5, 6, 7], '00:00', '00:00']]],
  ['Fri-Mon, Wed', [[[1, 3, 5, 6, 7], '00:00', '00:00']]],
  ['Mon-Fri 22:00-06:00', [[[1, 2, 3, 4, 5], '22:00', '06:00']]],
  ['Mon, Wed 09:00 - 24:00', [[[1, 3], '09:00', '00:00']]],
  [
    'Fri 16:00 - Mon 08:00',
    [
      [[5], '16:00', '00:00'],
      [[6, 7], '00:00', '00:00'],
      [[1], '00:00', '08:00'],
    ],
  ],
  [
    'Sun 22:00 - Mon 06:00',
    [
      [[7], '22:00', '00:00'],
      [[1], '00:00', '06:00'],
    ],
  ],
  [
    'Fri 16:00 - Mon 00:00',
    [
      [[5], '16:00', '00:00'],
      [[6, 7], '00:00', '00:00'],
    ],
  ],
  [
    'Fri 16:00 - Mon 24:00',
    [
      [[5], '16:00', '00:00'],
      [[1, 6, 7], '00:00', '00:00'],
    ],
  ],
  ['Fri 16:00 - Fri 24:00', [[[5], '16:00', '00:00']]],
  ['Fri 08:00 - Fri 16:00', [[[5], '08:00', '16:00']]],
  [
    'Fri 16:00 - Fri 08:00',
    [
      [[5], '16:00', '00:00'],
      [[1, 2, 3, 4, 6, 7], '00:00', '00:00'],
      [[5], '00:00', '08:00'],
    ],
  ],
];

/** Name, invalid rules, path and text of the problem. */
const invalid: [string, object, string, RegExp][] = [
  ['an unknown day', berlin({ weekly: 'Caturday' }), 'freeze[0].weekly', /Mon-Fri 22:00-06:00/],
  ['a range of three days', berlin({ weekly: 'Mon-Wed-Fri' }), 'freeze[0].weekly', /Sat, Sun/],
  ['a span of no length', berlin({ weekly: 'Fri 16:00 - Fri 16:00' }), 'freeze[0].weekly', /Fri 16:00/],
  ['hour 25', berlin({ weekly: 'Fri 25:00-26:00' }), 'freeze[0].weekly', /Fri 16:00/],
  ['no zone', [{ weekly: 'Sat' }], 'freeze[0].zone', /missing[^]*IANA time zone/],
  ['an unknown zone', [{ weekly: 'Sat', zone: 'Europe/Bonn' }], 'freeze[0].zone', /"Europe\/Bonn"[^]*IANA/],
  ['cron without for', berlin({ cron: '0 0 24 12 *' }), 'freeze[0].for', /cron needs for/],
  ['cron of six fields', berlin({ cron: '0 0 0 24 12 *', for: '1h' }), 'freeze[0].cron', /five cron fields/],
  ['cron of four fields', berlin({ cron: '0 0 24 12', for: '1h' }), 'freeze[0].cron', /five cron fields/],
  ['a short name for cron', berlin({ cron: '@daily', for: '1h' }), 'freeze[0].cron', /five cron fields/],
  ['a hash in cron', berlin({ cron: '0 H * * *', for: '1h' }), 'freeze[0].cron', /five cron fields/],
  ['an hour 25 in cron', berlin({ cron: '0 25 * * *', for: '1h' }), 'freeze[0].cron', /range 0-23/],
  ['a cron that never begins', berlin({ cron: '0 0 31 2 *', for: '1h' }), 'freeze[0].cron', /day of month/],
  ['a cron of every minute', berlin({ cron: '* 9 * * *', for: '1m' }), 'freeze[0].cron', /once an hour/],
  [
    'a weekly rule with a length',
    berlin({ weekly: 'Sat', for: '1h' }),
    'freeze[0].for',
    /only allowed with cron/,
  ],
  ['from without to', berlin({ from: '2026-12-24T00:00' }), 'freeze[0].to', /from needs to/],
  ['to without from', berlin({ to: '2026-12-24T00:00' }), 'freeze[0]', /one of weekly, cron, from/],
  [
    'an end before the beginning',
    berlin({ from: '2026-12-24T00:00', to: '2026-12-23T00:00' }),
    'freeze[0].to',
    /later than 2026-12-24T00:00/,
  ],
  [
    'a date that does not exist',
    berlin({ from: '2026-02-30T00:00', to: '2026-03-02T00:00' }),
    'freeze[0].from',
    /2026-02-30/,
  ],
  [
    'a time with an offset',
    berlin({ from: '2026-12-24T00:00Z', to: '2026-12-25T00:00' }),
    'freeze[0].from',
    /wall time/,
  ],
  [
    'two kinds in one rule',
    berlin({ weekly: 'Sat', cron: '0 0 * * *', for: '1h' }),
    'freeze[0]',
    /weekly and cron/,
  ],
  ['a misspelt kind', berlin({ weakly: 'Sat' }), 'freeze[0].weakly', /did you mean weekly/],
];

describe('freeze', () => {
  for (const [text, spans] of weekly)
    it(`weekly: ${text} -> spans`, () => {
      const expected = spans.map(([days, from, to]) => ({ kind: 'weekly', zone, days, from, to }));
      assert.deepEqual(outputOf(freeze, berlin({ weekly: text })), expected);
    });

  it('freeze: YAML with every kind of rule -> calendar rules', () => {
    const text = `
      - { weekly: Sat-Sun, zone: Europe/Berlin }
      - { cron: '0 0 24 12 *', for: 72h, zone: America/New_York }
      - { from: 2026-12-24T00:00, to: 2027-01-02T06:00, zone: UTC }`;
    assert.deepEqual(outputOf(freeze, parse(text)), [
      { kind: 'weekly', zone, days: [6, 7], from: '00:00', to: '00:00' },
      { kind: 'cron', zone: 'America/New_York', expression: '0 0 24 12 *', seconds: 259_200 },
      { kind: 'once', zone: 'UTC', from: '2026-12-24T00:00', to: '2027-01-02T06:00' },
    ]);
  });

  for (const [what, json, path, said] of invalid)
    it(`freeze: ${what} -> rejected`, () => {
      const problems = problemsIn(z.object({ freeze }), { freeze: json });
      const problem = problems.find((one) => one.path === path);
      assert.ok(problem, JSON.stringify(problems));
      assert.match(`${problem.message} found: ${problem.found} allowed: ${problem.allowed}`, said);
    });
});
