/**
 * AWS denies or throttles calls of a rollout now and then. Operators are notified of it once, and paged while it recurs. Before,
 * each failure after a success was a new hold, and a page never came.
 */
import assert from 'node:assert/strict';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import type { Fault } from '../../../src/emulator/account/faults.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { pauseUpdate, timelineQuery } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, status, until, workflowId } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const always = 1_000_000;
const hourMs = 60 * minuteMs;

interface Played {
  simulation: Simulation;
  /** Notifications for operators. `minute`: since the bake began. */
  heard: { event: string; minute: number; message: string }[];
}

/** A rollout that has begun its bake at 20 %. */
async function openBaking(bake = '4h'): Promise<Played> {
  const received: Notification[] = [];
  const simulation = await openWithEndpoint(endpoint, {
    leaveOutIdlePolls: true,
    fetch: (_, init) => {
      received.push(JSON.parse(init?.body as string) as Notification);
      return Promise.resolve(Response.json({}));
    },
  });
  const { aws, temporal } = simulation;
  await putManualAlarm(aws.cloudwatch, alarm, 'OK');
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%', '50%'], bake } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }, { alarm }],
      notify: [{ webhook: { url: 'https://pager.invalid/hook' }, on: ['hold', 'page'] }],
    }),
  );
  await until(simulation, ({ phase }) => phase === 'baking');
  const began = temporal.clock.nowMs;
  return {
    simulation,
    get heard() {
      return received.map(({ event, at, message }) => ({
        ...{ event, message },
        minute: Math.floor((Date.parse(at) - began) / minuteMs),
      }));
    },
  };
}

const eventsOf = ({ heard }: Played) => heard.map(({ event }) => event);

async function countHolds({ temporal }: Simulation): Promise<number> {
  const timeline = await temporal.handle(workflowId).query(timelineQuery);
  return timeline.filter(({ message }) => message.startsWith('holding: ')).length;
}

/** The fault comes for 25 minutes and goes for 25 minutes, several times. */
async function comeAndGo({ emulator, temporal }: Simulation, fault: Fault, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    emulator.faults.add(fault);
    await temporal.skip(25 * minuteMs);
    emulator.faults.clear();
    await temporal.skip(25 * minuteMs);
  }
}

describe('obstacle that comes and goes', () => {
  for (const operation of ['DescribeAlarms', 'GetMetricData'])
    for (const kind of ['accessDenied', 'throttle'] as const)
      it(`${operation}: ${kind} now and then in a bake -> several holds, notified of one, then one page`, async () => {
        const played = await openBaking();
        const { simulation } = played;
        await comeAndGo(simulation, { operation, kind, count: always }, 4);
        assert.ok((await countHolds(simulation)) >= 3, `${await countHolds(simulation)} holds`);
        assert.deepEqual(eventsOf(played), ['hold', 'page'], JSON.stringify(played.heard));
        const result = await resultOf(simulation);
        assert.equal(result.outcome, 'promoted', result.reason);
        await simulation.close();
      });

  it('reads: denied again after two quiet hours -> notified again', async () => {
    const played = await openBaking();
    const { simulation } = played;
    const fault = { operation: 'DescribeAlarms', kind: 'accessDenied', count: always } as const;
    for (let i = 0; i < 2; i++) {
      simulation.emulator.faults.add(fault);
      await until(simulation, ({ hold }) => hold !== null);
      simulation.emulator.faults.clear();
      await simulation.temporal.skip(2 * hourMs);
      assert.equal((await status(simulation)).hold, null);
    }
    assert.deepEqual(eventsOf(played), ['hold', 'hold'], JSON.stringify(played.heard));
    await simulation.close();
  });
});

describe('reads that fail for hours', () => {
  for (const operation of ['DescribeAlarms', 'GetMetricData', 'DescribeEndpoint'])
    it(`${operation}: denied for seven hours after a bake -> one hold, pages after ten minutes and six hours`, async () => {
      const played = await openBaking('15m');
      const { simulation } = played;
      simulation.emulator.faults.add({ operation, kind: 'accessDenied', count: always });
      await simulation.temporal.skip(7 * hourMs);
      assert.deepEqual(eventsOf(played), ['hold', 'page', 'page'], JSON.stringify(played.heard));
      const [hold = 0, first = 0, second = 0] = played.heard.map(({ minute }) => minute);
      assert.ok(first - hold >= 10 && first - hold <= 12, `page ${first - hold} min after the hold`);
      assert.ok(second - first >= 360 && second - first <= 371, `page ${second - first} min after the first`);
      simulation.emulator.faults.clear();
      const result = await resultOf(simulation);
      assert.equal(result.outcome, 'promoted', result.reason);
      await simulation.close();
    });

  for (const operation of ['DescribeAlarms', 'GetMetricData', 'DescribeEndpoint'])
    for (const wait of ['a bake of a month', 'a pause'])
      it(`${operation}: denied in ${wait} -> one hold within minutes, then a page`, async () => {
        const played = await openBaking('30d');
        const { simulation } = played;
        const { temporal, emulator } = simulation;
        if (wait === 'a pause')
          await temporal
            .handle(workflowId)
            .executeUpdate(pauseUpdate, { args: [{ actor: 'ana', reason: 'a report' }] });
        await temporal.skip(2 * hourMs);
        emulator.faults.add({ operation, kind: 'accessDenied', count: always });
        await temporal.skip(hourMs);
        assert.deepEqual(eventsOf(played), ['hold', 'page'], JSON.stringify(played.heard));
        const [hold = 0, page = 0] = played.heard.map(({ minute }) => minute - 120);
        assert.ok(hold <= 12, `hold after ${hold} min`);
        assert.ok(page <= 25, `page after ${page} min`);
        await simulation.close();
      });

  it('weight change: denied for five days, over continue-as-new -> one hold, a page every six hours', async () => {
    const played = await openBaking('15m');
    const { simulation } = played;
    simulation.emulator.faults.add({
      ...{ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'accessDenied', count: always },
      match: { 'DesiredWeightsAndCapacities.0.DesiredWeight': 50 },
    });
    await until(simulation, ({ hold }) => hold !== null);
    await simulation.temporal.skip(5 * 24 * hourMs);
    const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
    assert.ok(timeline.some(({ message }) => message.startsWith('continues as new')));
    assert.equal(eventsOf(played)[0], 'hold');
    const pages = played.heard.slice(1);
    assert.ok(pages.every(({ event }) => event === 'page'));
    assert.ok(pages.length >= 19 && pages.length <= 20, `${pages.length} pages`);
    await simulation.close();
  });
});
