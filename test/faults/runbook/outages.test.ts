/** CloudWatch is unreachable for six hours of a bake, in the simulation. */
import assert from 'node:assert/strict';
import {
  runLongRollout,
  topicArn,
  type AccountEvent,
  type LongRolloutRecord,
} from '../../e2e/long-rollout.js';
import { assertRunbookEntry } from '../../support/runbook.js';

/** Hours. */
const away = { from: 2, to: 8 };

/** One metric window per hour. */
function fieldsOf(bake: string): object {
  return {
    strategy: { standard: { bake } },
    guardrails: [{ metric: 'errorRate', below: '2%', window: '1h' }],
    serve: { metricsEvery: '60s' },
    notify: [{ sns: topicArn, on: ['hold', 'page'] }],
  };
}

function windowsJudged({ timeline }: LongRolloutRecord): number | undefined {
  const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
  return verdicts.findLast(({ evidence }) => evidence.windowsJudged > 0)?.evidence.windowsJudged;
}

describe('CloudWatch outage of six hours', () => {
  it('outage at the end of a bake: holds with a notification -> promoted after every missed window is judged', async () => {
    const record = await runLongRollout({
      endpoint: 'blind',
      fields: fieldsOf('4h'),
      metricsOutage: away,
    });
    assert.equal(record.result.outcome, 'promoted', record.result.reason);
    assert.ok(record.days * 24 > away.to, `${record.days * 24} hours`);
    assert.equal(windowsJudged(record), 4);
    const held = record.timeline.find(({ message }) => message.startsWith('holding: '))?.message;
    assertRunbookEntry(held, 'error rate: cannot be read (...)');
    assert.ok(record.notifications.some(({ event }) => event === 'hold'));
    assert.ok(
      record.messagesInOutage.slice(1).every((said) => said.includes('cannot be read')),
      record.messagesInOutage.join('\n'),
    );
    assertRunbookEntry(record.result.reason, 'X serves all traffic, verified');
  });

  it('outage in the middle of a bake: data returns -> promoted, with every window judged', async () => {
    const record = await runLongRollout({
      endpoint: 'dim',
      fields: fieldsOf('12h'),
      metricsOutage: away,
    });
    assert.equal(record.result.outcome, 'promoted', record.result.reason);
    assert.equal(windowsJudged(record), 12);
  });

  it('candidate fails only during the outage: data returns -> rolledBack', async () => {
    const fails = (afterHours: number, errorRate: number): AccountEvent => ({
      afterHours,
      happen: ({ emulator }) => emulator.setBehaviour({ model: 'sly-2', errorRate }),
    });
    const record = await runLongRollout({
      endpoint: 'sly',
      fields: fieldsOf('12h'),
      metricsOutage: away,
      events: [fails(3, 0.1), fails(6, 0)],
    });
    assert.equal(record.result.outcome, 'rolledBack', record.result.reason);
    assertRunbookEntry(record.result.reason, 'error rate 12 % is not < 2 %, ...');
    assert.match(record.result.reason, /window [345] of 12/);
    assert.ok(record.days * 24 > away.to && record.days * 24 < 10, `${record.days * 24} hours`);
    assert.deepEqual(record.served.config, 'sly-original');
  });
});
