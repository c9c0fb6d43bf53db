/** CloudWatch away for six hours of a bake, on skipped time. */
import assert from 'node:assert/strict';
import type { Emulator } from '../../../src/emulator/emulator.js';
import { tell, type Story } from '../../e2e/long-rollout.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { Told } from './message-assertions.js';

const hours = (n: number) => n / 24;
const limits = { deploy: '12h', shift: '12h' };
const away = { from: hours(2), to: hours(8) };

/** A bake judged by the hour. */
function fieldsOf(bake: string, told: Told): object {
  return {
    strategy: { canary: { steps: [{ share: '50%', bake }] } },
    guardrails: [{ metric: 'errorRate', below: '2%', window: '1h' }],
    serve: { limits, metricsEvery: '60s' },
    notify: told.notify,
  };
}

function windowsJudged({ timeline }: Story): number | undefined {
  const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
  return verdicts.at(-1)?.evidence.windowsJudged;
}

describe('six hours without CloudWatch', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let told: Told;
  beforeEach(async () => (told = await Told.open()));
  afterEach(() => told.close());

  it('hold at the end of a bake, are told, and promote only when every missed window was judged', async () => {
    const story = await tell({
      endpoint: 'blind',
      fields: fieldsOf('4h', told),
      lookHours: 0.5,
      metricsAway: away,
    });
    assert.equal(story.result.outcome, 'promoted', story.result.reason);
    assert.ok(story.days > away.to, `${story.days * 24} hours`);
    assert.equal(windowsJudged(story), 4);
    const held = story.timeline.find(({ message }) => message.startsWith('holding: '))?.message;
    assertRunbookEntry(held, 'error rate: cannot be read (...)');
    assert.ok(told.of('hold').length > 0);
    assert.ok(
      story.saidWhileAway.slice(1).every((said) => said.includes('cannot be read')),
      story.saidWhileAway.join('\n'),
    );
    assertRunbookEntry(story.result.reason, 'X serves all traffic, verified');
  });

  it('in the middle of a bake leave no window out', async () => {
    const story = await tell({
      endpoint: 'dim',
      fields: fieldsOf('12h', told),
      lookHours: 0.5,
      metricsAway: away,
    });
    assert.equal(story.result.outcome, 'promoted', story.result.reason);
    assert.equal(windowsJudged(story), 12);
  });

  it('roll back a candidate that failed only while nobody could see it', async () => {
    const failing = async ({ emulator, hours }: { emulator: Emulator; hours: number }) =>
      emulator.setBehaviour({ model: 'sly-2', errorRate: hours >= 3 && hours < 6 ? 0.1 : 0 });
    const story = await tell({
      endpoint: 'sly',
      fields: fieldsOf('12h', told),
      lookHours: 0.5,
      metricsAway: away,
      meanwhile: failing,
    });
    assert.equal(story.result.outcome, 'rolledBack', story.result.reason);
    assertRunbookEntry(story.result.reason, 'error rate 12 % is not < 2 %, ...');
    assert.match(story.result.reason, /window [345] of 12/);
    assert.ok(story.days > away.to && story.days < hours(10), `${story.days * 24} hours`);
    assert.deepEqual(story.served.config, 'sly-original');
  });
});
