import assert from 'node:assert/strict';
import {
  hasObstacle,
  recordFailure,
  recordSuccess,
  type Obstacle,
} from '../../../src/workflows/state/obstacles.js';

const minuteMs = 60_000;
const denied = { work: 'change', cause: 'AccessDenied' } as const;

/** Operators of one rollout. Each attempt takes no time, unless it began earlier. */
class Operators {
  obstacles: Obstacle[] = [];
  readonly heard: string[] = [];

  fail(minute: number, id: Pick<Obstacle, 'work' | 'cause'> = denied, beganMinute = minute): this {
    const times = { beganMs: beganMinute * minuteMs, nowMs: minute * minuteMs };
    const { obstacles, isNew, isPageDue } = recordFailure(this.obstacles, id, times);
    this.obstacles = obstacles;
    if (isNew) this.heard.push(`hold ${minute}`);
    if (isPageDue) this.heard.push(`page ${minute}`);
    return this;
  }

  succeed(work: Obstacle['work'] = 'change'): this {
    this.obstacles = recordSuccess(this.obstacles, work);
    return this;
  }
}

const every = (minutes: number, until: number) =>
  Array.from({ length: Math.floor(until / minutes) + 1 }, (_, i) => i * minutes);

describe('obstacle of a rollout', () => {
  it('obstacle: fails for 13 hours -> one hold, a page after ten minutes, then every six hours', () => {
    const operators = new Operators();
    for (const minute of every(5, 13 * 60)) operators.fail(minute);
    assert.deepEqual(operators.heard, ['hold 0', 'page 10', 'page 370', 'page 730']);
  });

  it('obstacle: each failure is followed by a success -> the same notifications', () => {
    const operators = new Operators();
    for (const minute of every(5, 13 * 60)) operators.fail(minute).succeed();
    assert.deepEqual(operators.heard, ['hold 0', 'page 10', 'page 370', 'page 730']);
  });

  it('obstacle: no failure for more than an hour -> the next one is new', () => {
    assert.deepEqual(new Operators().fail(0).succeed().fail(60).heard, ['hold 0', 'page 60']);
    assert.deepEqual(new Operators().fail(0).succeed().fail(61).heard, ['hold 0', 'hold 61']);
  });

  it('obstacle: attempts that fail take two hours each -> not new each time, pages', () => {
    const operators = new Operators().fail(120, denied, 0).fail(240, denied, 120).fail(720, denied, 240);
    assert.deepEqual(operators.heard, ['hold 120', 'page 240', 'page 720']);
  });

  it('obstacle: fails without a success for 30 minutes after a page and a success -> pages again', () => {
    const operators = new Operators().fail(0).fail(10).succeed();
    for (const minute of [20, 35, 50, 65, 80]) operators.fail(minute);
    assert.deepEqual(operators.heard, ['hold 0', 'page 10', 'page 50']);
  });

  it('obstacle: a success of other work -> changes nothing', () => {
    const operators = new Operators().fail(0).fail(10).succeed('watch');
    for (const minute of [20, 35, 50, 65, 80]) operators.fail(minute);
    assert.deepEqual(operators.heard, ['hold 0', 'page 10']);
  });

  it('obstacle: another cause, or other work -> an obstacle of its own', () => {
    const operators = new Operators().fail(0);
    operators.fail(5, { work: 'change', cause: 'Throttled' }).fail(6, { work: 'watch', cause: 'unreadable' });
    assert.deepEqual(operators.heard, ['hold 0', 'hold 5', 'hold 6']);
    assert.equal(operators.obstacles.length, 3);
  });

  it('obstacle: passed on as JSON -> the next run does not notify again', () => {
    const operators = new Operators().fail(0).fail(10);
    operators.obstacles = JSON.parse(JSON.stringify(operators.obstacles)) as Obstacle[];
    assert.deepEqual(operators.fail(20).heard, ['hold 0', 'page 10']);
  });

  it('recent obstacle: of the same work, in the last hour -> found', () => {
    const { obstacles } = new Operators().fail(0);
    assert.equal(hasObstacle(obstacles, 'change', 60 * minuteMs), true);
    assert.equal(hasObstacle(obstacles, 'change', 61 * minuteMs), false);
    assert.equal(hasObstacle(obstacles, 'watch', 1), false);
  });
});
