/** Bakes of days and weeks, in the simulation. */
import assert from 'node:assert/strict';
import { runLongRollout } from './long-rollout.js';

const errorRate = { metric: 'errorRate', below: '2%' };

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
    assert.ok(days > 3 && days < 4, `${days} days`);
    const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
    assert.deepEqual(
      verdicts.map(({ result, evidence }) => [result, evidence.windowsJudged]),
      [24, 24, 24].map((windows) => ['pass', windows]),
    );
    assert.ok(historyEvents <= 400, `${historyEvents} events`);
    assert.deepEqual(served, {
      status: 'InService',
      config: names.singleConfig.candidate,
      variants: [{ name: names.variant.candidate, model: 'three-days-2', share: 100, count: 2 }],
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
    const strategy = { canary: { steps: [{ share: '10%', bake: '30d' }] } };
    const guardrails = [{ ...errorRate, window: '12h' }];
    const fields = { strategy, guardrails, serve: { metricsEvery: '300s' } };
    const { result, days, historyEvents, timeline } = await runLongRollout({
      endpoint: 'month',
      fields,
    });
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(days > 30 && days < 35, `${days} days`);
    const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
    assert.equal(verdicts.at(-1)?.evidence.windowsJudged, 60);
    assert.ok(historyEvents <= 400, `${historyEvents} events`);
  });
});
