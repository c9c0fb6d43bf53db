/** `onFail: report`: the failure of a guardrail is told once, and the rollout continues. The others still roll back. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../../src/client.js';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { alarmSignal, timelineQuery } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, until, workflowId } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const bound = { metric: 'errorRate', below: '5%', window: '1m', minimumRequests: 100, onFail: 'report' };

function spec(guardrails: object[]): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%', '50%'], bake: '10m' } },
    guardrails,
    notify: [{ webhook: { url: 'https://pager.invalid/hook' }, on: ['hold'] }],
  });
}

class Told {
  readonly messages: string[] = [];
  readonly fetch: typeof fetch = (_, init) => {
    this.messages.push((JSON.parse(init?.body as string) as Notification).message);
    return Promise.resolve(Response.json({}));
  };
}

async function open(told: Told, errorRate: number): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, { fetch: told.fetch });
  await putManualAlarm(simulation.aws.cloudwatch, alarm);
  await setAlarmState(simulation.aws.cloudwatch, alarm, 'OK');
  await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate });
  await simulation.temporal.skip(10 * minuteMs);
  return simulation;
}

const warnings = async ({ temporal }: Simulation) => {
  const timeline = await temporal.handle(workflowId).query(timelineQuery);
  return timeline.filter(({ kind }) => kind === 'warning').map(({ message }) => message);
};

describe('reported failures', () => {
  let simulation: Simulation;
  let told: Told;
  beforeEach(() => (told = new Told()));
  afterEach(() => simulation.close());

  it('reported bound fails in each window of each stage -> told once, promoted', async () => {
    simulation = await open(told, 0.3);
    simulation.startRollout(spec([bound]));
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    const [only, ...more] = await warnings(simulation);
    assert.match(only ?? '', /^errorRate has failed and is only reported: error rate \d/);
    assertRunbookEntry(only, 'X has failed and is only reported: ...');
    assert.deepEqual(more, []);
    assert.deepEqual(told.messages, [only]);
  });

  it('reported bound fails, and another bound too -> rolled back by the other', async () => {
    simulation = await open(told, 0.3);
    simulation.startRollout(spec([bound, { ...bound, below: '10%', onFail: 'rollBack' }]));
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'rolledBack');
    assert.match(result.reason, /not < 10 %/);
  });

  it('reported bound has no data -> holds, because it is unknown', async () => {
    simulation = await open(told, 0);
    simulation.startRollout(
      spec([
        {
          metric: 'Discounts',
          above: '1%',
          onFail: 'report',
          source: { namespace: 'Shop', name: 'Discounts', stat: 'Average' },
        },
      ]),
    );
    const { hold } = await until(simulation, ({ hold }) => hold !== null);
    assert.equal(hold?.reason, 'unknown');
  });

  it('reported alarm fires, and is pushed -> told once, promoted', async () => {
    simulation = await open(told, 0);
    simulation.startRollout(spec([{ alarm, onFail: 'report' }]));
    await until(simulation, ({ phase }) => phase === 'baking');
    await setAlarmState(simulation.aws.cloudwatch, alarm, 'ALARM');
    const pushed = { name: alarm, state: 'ALARM', reason: 'errors' };
    await simulation.temporal.handle(workflowId).signal(alarmSignal, pushed);
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal((await warnings(simulation)).length, 1);
    assert.equal(told.messages.length, 1);
  });

  it('reported alarm fires beside one that rolls back and fires too -> rolled back', async () => {
    simulation = await open(told, 0);
    await putManualAlarm(simulation.aws.cloudwatch, 'ranker-other');
    await setAlarmState(simulation.aws.cloudwatch, 'ranker-other', 'OK');
    simulation.startRollout(spec([{ alarm, onFail: 'report' }, { alarm: 'ranker-other' }]));
    await until(simulation, ({ phase }) => phase === 'baking');
    for (const name of [alarm, 'ranker-other']) await setAlarmState(simulation.aws.cloudwatch, name, 'ALARM');
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'rolledBack');
    assert.match(result.reason, /ranker-other/);
  });
});
