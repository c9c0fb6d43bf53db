import assert from 'node:assert/strict';
import type { TimelineEntry } from '../../../src/workflows/messages.js';
import { truncateTimeline, timelineForQuery } from '../../../src/workflows/state/timeline.js';
import { verdict } from '../fake-activities.js';

const at = (i: number) => new Date(i * 1000).toISOString();

const said = (i: number): TimelineEntry => ({ at: at(i), kind: 'decision', message: `entry ${i}` });
const commanded = (i: number): TimelineEntry => ({
  ...{ at: at(i), kind: 'command', command: 'pause', actor: 'ben', identity: 'unverified', accepted: true },
  ...{ reason: `because ${i}`, message: `pause by ben: because ${i}` },
});
const judged = (i: number): TimelineEntry => ({
  ...{ at: at(i), kind: 'verdict', report: 'clear', message: 'clear' },
  verdicts: [verdict('pass', 'all is well')],
});

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

describe('timeline for continue-as-new', () => {
  const plenty = 1_000_000;

  it('timeline: fits -> complete, without the evidence of old verdicts', () => {
    const timeline = truncateTimeline(many(150, judged), plenty);
    assert.equal(timeline.length, 150);
    const evidence = timeline.map((entry) => (entry.kind === 'verdict' ? entry.verdicts.length : -1));
    assert.deepEqual(evidence, [...many(50, () => 0), ...many(100, () => 1)]);
  });

  it('timeline: too long -> commands are kept first, the first entry counts the omitted ones', () => {
    const room = JSON.stringify(many(300, commanded)).length + 2_000;
    const timeline = truncateTimeline([...many(300, commanded), ...many(300, said)], room);
    assert.equal(timeline.filter(({ kind }) => kind === 'command').length, 300);
    const gone = 601 - timeline.length;
    assert.ok(gone > 200 && gone < 300, `${gone}`);
    assert.deepEqual(timeline[0], {
      at: at(0),
      kind: 'truncated',
      omitted: gone,
      message: `${gone} earlier entries omitted; see the workflow history`,
    });
    assert.equal(timeline.at(-1)?.message, 'entry 299');
  });

  it('timeline: truncated twice -> one entry with the sum of the omitted ones', () => {
    const once = truncateTimeline(many(400, said), 20_000);
    const twice = truncateTimeline([...once, ...many(50, said)], 20_000);
    const truncations = twice.filter((entry) => entry.kind === 'truncated');
    assert.deepEqual(
      truncations.map((entry) => [entry.at, entry.omitted]),
      [[at(0), 451 - twice.length]],
    );
  });

  it('timeline: too many commands -> the oldest are omitted', () => {
    const timeline = truncateTimeline(many(500, commanded), 50_000);
    assert.equal(timeline.at(-1)?.message, 'pause by ben: because 499');
    assert.equal(timeline[1]?.message, `pause by ben: because ${501 - timeline.length}`);
  });

  it('timeline: long commands and verdicts -> within the limit', () => {
    const long = many(2_000, (i) => ({
      ...commanded(i),
      reason: 'x'.repeat(1_000),
      message: 'y'.repeat(1_100),
    }));
    const timeline = truncateTimeline([...long, ...many(2_000, judged)], 500_000);
    assert.ok(bytesOf(timeline) <= 500_000);
  });

  const texts = {
    'with three bytes a character': '担当者の指示により一時停止。'.repeat(70),
    'with four bytes a character': '🚰'.repeat(500),
    'with escapes': '\u0000'.repeat(1_000),
    'with lone surrogates': '\ud83d'.repeat(1_000),
  };
  for (const [what, text] of Object.entries(texts))
    it(`timeline: text ${what} -> counts UTF-8 bytes of JSON`, () => {
      const long = many(1_000, (i) => ({ ...commanded(i), reason: text, message: `pause by ben: ${text}` }));
      for (const maxBytes of [100_000, 1_000_000]) {
        const bytes = bytesOf(truncateTimeline([...many(10, said), ...long], maxBytes));
        assert.ok(bytes <= maxBytes && bytes > maxBytes * 0.85, `${bytes} of ${maxBytes} bytes`);
      }
    });
});

describe('timeline query', () => {
  it("timeline query: below Temporal's limit -> complete, with all evidence", () => {
    const timeline = many(1_000, judged);
    assert.deepEqual(timelineForQuery(timeline), timeline);
  });

  it("timeline query: above Temporal's limit -> truncated, the first entry says so", () => {
    const reason = '長'.repeat(1_000);
    const answer = timelineForQuery(
      many(500, (i) => ({ ...commanded(i), reason, message: `pause by ben: ${reason}` })),
    );
    assert.ok(bytesOf(answer) < 1_900_000, `${bytesOf(answer)} bytes`);
    assert.deepEqual(answer[0]?.kind === 'truncated' && answer[0].omitted, 501 - answer.length);
    assert.equal(answer.at(-1)?.at, at(499));
  });
});
