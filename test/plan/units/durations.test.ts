import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDuration, parseDuration, parseLatency } from '../../../src/plan/units/durations.js';

describe('durations', () => {
  const known: [string, number][] = [
    ['30s', 30],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7_200],
    ['7d', 604_800],
    ['1h30m', 5_400],
    ['1d1h1m1s', 90_061],
  ];
  for (const [text, seconds] of known)
    it(`parseDuration: ${text} -> ${seconds} seconds`, () => assert.equal(parseDuration(text), seconds));

  for (const text of [
    '',
    '30',
    '0s',
    '0h0m',
    '-1s',
    '1.5h',
    '1m1h',
    '1 h',
    '1H',
    '2w',
    ' 1s',
    '1s\n',
    '250ms',
  ])
    it(`parseDuration: ${JSON.stringify(text)} -> RangeError`, () => {
      assert.throws(() => parseDuration(text), RangeError);
    });

  it('formatDuration: any duration -> parses to the same seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (seconds) => {
        assert.equal(parseDuration(formatDuration(seconds)), seconds);
      }),
    );
  });

  it('formatDuration: 0 -> 0s', () => assert.equal(formatDuration(0), '0s'));

  it('parseLatency: 250ms, 2s -> milliseconds', () => {
    assert.equal(parseLatency('250ms'), 250);
    assert.equal(parseLatency('2s'), 2_000);
    for (const text of ['250', '0ms', '1m', '0.5s']) assert.throws(() => parseLatency(text), RangeError);
  });
});
