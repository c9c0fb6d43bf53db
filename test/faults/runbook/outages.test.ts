/** CloudWatch is unreachable for six hours of a bake, on skipped time. */
import assert from 'node:assert/strict';
import type { Emulator } from '../../../src/emulator/emulator.js';
import { runLongRollout, type LongRolloutRecord } from '../../e2e/long-rollout.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { NotificationReceiver } from './message-assertions.js';

const hours = (n: number) => n / 24;
const limits = { deploy: '12h', shift: '12h' };
const away = { from: hours(2), to: hours(8) };

/** One metric window per hour. */
function fieldsOf(bake: string, receiver: NotificationReceiver): object {
  return {
    strategy: { canary: { steps: [{ share: '50%', bake }] } },
    guardrails: [{ metric: 'errorRate', below: '2%', window: '1h' }],
    serve: { limits, metricsEvery: '60s' },
    notify: receiver.notify,
  };
}

function windowsJudged({ timeline }: LongRolloutRecord): number | undefined {
  const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
  return verdicts.at(-1)?.evidence.windowsJudged;
}

describe('CloudWatch outage of six hours', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let receiver: NotificationReceiver;
  beforeEach(async () => (receiver = await NotificationReceiver.open()));
  afterEach(() => receiver.close());

  it('outage at the end of a bake: holds with a notification -> promoted after every missed window is judged', async () => {
    const record = await runLongRollout({
      endpoint: 'blind',
      fields: fieldsOf('4h', receiver),
      pollHours: 0.5,
      metricsOutage: away,
    });
    assert.equal(record.result.outcome, 'promoted', record.result.reason);
    assert.ok(record.days > away.to, `${record.days * 24} hours`);
    assert.equal(windowsJudged(record), 4);
    const held = record.timeline.find(({ message }) => message.startsWith('holding: '))?.message;
    assertRunbookEntry(held, 'error rate: cannot be read (...)');
    assert.ok(receiver.messagesOf('hold').length > 0);
    assert.ok(
      record.messagesInOutage.slice(1).every((said) => said.includes('cannot be read')),
      record.messagesInOutage.join('\n'),
    );
    assertRunbookEntry(record.result.reason, 'X serves all traffic, verified');
  });

  it('outage in the middle of a bake: data returns -> promoted, with every window judged', async () => {
    const record = await runLongRollout({
      endpoint: 'dim',
      fields: fieldsOf('12h', receiver),
      pollHours: 0.5,
      metricsOutage: away,
    });
    assert.equal(record.result.outcome, 'promoted', record.result.reason);
    assert.equal(windowsJudged(record), 12);
  });

  it('candidate fails only during the outage: data returns -> rolledBack', async () => {
    const failing = async ({ emulator, hours }: { emulator: Emulator; hours: number }) =>
      emulator.setBehaviour({ model: 'sly-2', errorRate: hours >= 3 && hours < 6 ? 0.1 : 0 });
    const record = await runLongRollout({
      endpoint: 'sly',
      fields: fieldsOf('12h', receiver),
      pollHours: 0.5,
      metricsOutage: away,
      meanwhile: failing,
    });
    assert.equal(record.result.outcome, 'rolledBack', record.result.reason);
    assertRunbookEntry(record.result.reason, 'error rate 12 % is not < 2 %, ...');
    assert.match(record.result.reason, /window [345] of 12/);
    assert.ok(record.days > away.to && record.days < hours(10), `${record.days * 24} hours`);
    assert.deepEqual(record.served.config, 'sly-original');
  });
});
