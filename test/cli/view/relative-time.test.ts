import assert from 'node:assert/strict';
import { formatSpan, formatRelativeTime } from '../../../src/cli/view/relative-time.js';

describe('formatSpan', () => {
  const spans: [number, string][] = [
    [-5, '0s'],
    [0, '0s'],
    [59.9, '59s'],
    [599, '9m59s'],
    [659, '10m'],
    [7_530, '2h5m'],
    [273_600 + 1_799, '3d4h'],
  ];
  for (const [seconds, text] of spans) {
    it(`formatSpan: ${seconds} seconds -> ${text}`, () => assert.equal(formatSpan(seconds), text));
  }
});

describe('formatRelativeTime', () => {
  it('formatRelativeTime: future -> in 20s, past -> 20s ago', () => {
    const now = Date.parse('2026-11-23T12:00:00Z');
    assert.equal(formatRelativeTime('2026-11-23T12:00:20Z', now), 'in 20s');
    assert.equal(formatRelativeTime('2026-11-23T11:59:40Z', now), '20s ago');
  });
});
