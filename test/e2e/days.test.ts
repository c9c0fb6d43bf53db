/** Bakes of days and weeks, in the simulation. */
import assert from 'node:assert/strict';
import type { Verdict } from '../../src/analysis/verdicts/verdict.js';
import type { TimelineEntry } from '../../src/workflows/messages.js';
import { runLongRollout } from './long-rollout.js';

const errorRate = { metric: 'errorRate', below: '2%' };

/** Verdicts on at least one window. A check before a change can have none yet. */
function judgedIn(timeline: TimelineEntry[]): Verdict[] {
  const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
  return verdicts.filter(({ evidence }) => evidence.windowsJudged > 0);
}

describe('long bakes', function () {
  // Weeks of polls are minutes of computing on a busy machine.
  this.timeout(900_000);

  it('bakes of one day: healthy candidate -> every hourly window is evaluated, then promoted', async () => {
    const strategy = { canary: { steps: ['1%', '10%', '50%'], bake: '1d' } };
    const guardrails = [{ ...errorRate, window: '1h' }];
    const fields = { strategy, guardrails, serve: { metricsEvery: '60s' } };
    const { result, timeline, names, served, days, historyEvents } = await runLongRollout({
      endpoint: 'three-days',
      fields,
    });
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(days > 4 && days < 5, `${days} days`);
    assert.deepEqual(
      judgedIn(timeline).map(({ result, evidence }) => [result, evidence.windowsJudged]),
      // At 1, 10, 50 and 100 %.
      [24, 24, 24, 24].map((windows) => ['pass', windows]),
    );
    // Four bakes of twelve rounds.
    assert.ok(historyEvents <= 600, `${historyEvents} events`);
    assert.deepEqual(served, {
      status: 'InService',
      config: names.singleConfig.candidate,
      variants: [{ name: 'AllTraffic', model: 'three-days-2', share: 100, count: 2 }],
      configs: [names.singleConfig.candidate, 'three-days-original'].sort(),
    });
  });

  it('bake of one week: candidate fails from day 2.5 on -> rolled back within hours', async () => {
    const strategy = { canary: { steps: [{ share: '10%', bake: '7d' }] } };
    const guardrails = [{ ...errorRate, window: '1h' }];
    const fields = { strategy, guardrails, serve: { metricsEvery: '60s' } };
    const { result, served, days } = await runLongRollout({
      endpoint: 'decay',
      fields,
      events: [
        {
          afterHours: 2.5 * 24,
          happen: ({ emulator }) => emulator.setBehaviour({ model: 'decay-2', errorRate: 0.1 }),
        },
      ],
    });
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /^error rate .*2 %/);
    assert.ok(days > 2.5 && days < 2.75, `${days} days`);
    assert.deepEqual(served, {
      status: 'InService',
      config: 'decay-original',
      variants: [{ name: 'AllTraffic', model: 'decay-1', share: 100, count: 2 }],
      configs: ['decay-original'],
    });
  });

  it('bake of one month: 12-hour windows -> promoted with a history of at most 400 events', async () => {
    const strategy = { standard: { bake: '30d' } };
    const guardrails = [{ ...errorRate, window: '12h' }];
    const fields = { strategy, guardrails, serve: { metricsEvery: '300s' } };
    const { result, days, historyEvents, timeline } = await runLongRollout({
      endpoint: 'month',
      fields,
    });
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(days > 30 && days < 35, `${days} days`);
    assert.deepEqual(
      judgedIn(timeline).map(({ result, evidence }) => [result, evidence.windowsJudged]),
      [['pass', 60]],
    );
    assert.ok(historyEvents <= 400, `${historyEvents} events`);
  });
});
