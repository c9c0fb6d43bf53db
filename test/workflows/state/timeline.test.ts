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

describe('the timeline that goes on in a new run', () => {
  const plenty = 1_000_000;

  it('is whole where there is room, but for the evidence of old verdicts', () => {
    const timeline = truncateTimeline(many(150, judged), plenty);
    assert.equal(timeline.length, 150);
    const evidence = timeline.map((entry) => (entry.kind === 'verdict' ? entry.verdicts.length : -1));
    assert.deepEqual(evidence, [...many(50, () => 0), ...many(100, () => 1)]);
  });

  it('keeps commands before anything else, and says how much is gone', () => {
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

  it('adds up what is gone from run to run', () => {
    const once = truncateTimeline(many(400, said), 20_000);
    const twice = truncateTimeline([...once, ...many(50, said)], 20_000);
    const truncations = twice.filter((entry) => entry.kind === 'truncated');
    assert.deepEqual(
      truncations.map((entry) => [entry.at, entry.omitted]),
      [[at(0), 451 - twice.length]],
    );
  });

  it('lets go of the oldest commands where there is no room for all', () => {
    const timeline = truncateTimeline(many(500, commanded), 50_000);
    assert.equal(timeline.at(-1)?.message, 'pause by ben: because 499');
    assert.equal(timeline[1]?.message, `pause by ben: because ${501 - timeline.length}`);
  });

  it('fits into the room, whatever is in it', () => {
    const long = many(2_000, (i) => ({
      ...commanded(i),
      reason: 'x'.repeat(1_000),
      message: 'y'.repeat(1_100),
    }));
    const timeline = truncateTimeline([...long, ...many(2_000, judged)], 500_000);
    assert.ok(bytesOf(timeline) <= 500_000);
  });

  const texts = {
    'of three bytes a character': '担当者の指示により一時停止。'.repeat(70),
    'of four': '🚰'.repeat(500),
    escaped: '\u0000'.repeat(1_000),
    'of half characters': '\ud83d'.repeat(1_000),
  };
  for (const [what, text] of Object.entries(texts))
    it(`counts bytes as they are sent, of texts ${what}`, () => {
      const long = many(1_000, (i) => ({ ...commanded(i), reason: text, message: `pause by ben: ${text}` }));
      for (const mostBytes of [100_000, 1_000_000]) {
        const bytes = bytesOf(truncateTimeline([...many(10, said), ...long], mostBytes));
        assert.ok(bytes <= mostBytes && bytes > mostBytes * 0.85, `${bytes} of ${mostBytes} bytes`);
      }
    });
});

describe('the timeline that a query is answered', () => {
  it('is whole, with all its evidence, where Temporal takes that', () => {
    const timeline = many(1_000, judged);
    assert.deepEqual(timelineForQuery(timeline), timeline);
  });

  it('is what Temporal takes where it has grown too long, and says so', () => {
    const reason = '長'.repeat(1_000);
    const told = timelineForQuery(
      many(500, (i) => ({ ...commanded(i), reason, message: `pause by ben: ${reason}` })),
    );
    assert.ok(bytesOf(told) < 1_900_000, `${bytesOf(told)} bytes`);
    assert.deepEqual(told[0]?.kind === 'truncated' && told[0].omitted, 501 - told.length);
    assert.equal(told.at(-1)?.at, at(499));
  });
});
