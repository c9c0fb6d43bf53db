/** A notification arrives although workers die and receivers fail. */
import assert from 'node:assert/strict';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import type { Fault } from '../../../src/emulator/account/faults.js';
import { currentProcess } from '../../../src/simulation/process/simulated-process.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { abortUpdate, timelineQuery } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf } from './ranker-rollout.js';

const ada = { actor: 'ada', reason: 'wrong model' };

interface Request {
  atMs: number;
  /** Header Idempotency-Key. */
  key: string;
  notification: Notification;
}

/** A webhook of the users. */
class Webhook {
  /** Requests that were answered with 200, in order. */
  readonly accepted: Request[] = [];
  /** Called before the webhook has a request. Returns the status of its answer. */
  before: (notification: Notification) => number | Promise<number> = () => 200;
  /** Called between its effect and its answer. */
  after: (notification: Notification) => void = () => undefined;
  nowMs = () => 0;

  readonly fetch: typeof fetch = async (_, init) => {
    const notification = JSON.parse(init?.body as string) as Notification;
    const status = await this.before(notification);
    const key = new Headers(init?.headers).get('idempotency-key') ?? '';
    if (status === 200) this.accepted.push({ atMs: this.nowMs(), key, notification });
    this.after(notification);
    return Response.json({}, { status });
  };

  of(event: string): Request[] {
    return this.accepted.filter(({ notification }) => notification.event === event);
  }
}

async function openNotified(webhook: Webhook, faults: Fault[] = []): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, { fetch: webhook.fetch, account: { faults } });
  const { temporal } = simulation;
  webhook.nowMs = () => temporal.clock.nowMs;
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s', limits: { rollBack: '3h' } },
      strategy: { canary: { steps: ['20%'], bake: '2h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      notify: [{ webhook: { url: 'https://pager.invalid/hook' } }],
    }),
  );
  await temporal.skip(40 * minuteMs);
  return simulation;
}

async function abort({ temporal }: Simulation): Promise<number> {
  await temporal.handle(`rollout:${endpoint}`).executeUpdate(abortUpdate, { args: [ada] });
  return temporal.clock.nowMs;
}

/** The rollback cannot change the endpoint. */
const stuck: Fault = {
  operation: 'UpdateEndpointWeightsAndCapacities',
  kind: 'accessDenied',
  count: 100_000,
  match: { 'DesiredWeightsAndCapacities.0.DesiredWeight': 100 },
};
const stuckUpdate: Fault = {
  operation: 'UpdateEndpoint',
  kind: 'accessDenied',
  count: 100_000,
  match: { EndpointConfigName: `${endpoint}-original` },
};

describe('notifications', () => {
  it('worker dies before the webhook has the request -> the next attempt delivers it', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook);
    let deaths = 0;
    webhook.before = async ({ event }) => {
      if (event === 'rollback' && deaths++ === 0) {
        simulation.temporal.worker.restartAfter(5_000);
        await currentProcess()?.checkpoint();
      }
      return 200;
    };
    await abort(simulation);
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    assert.equal(webhook.of('rollback').length, 1, `${deaths} attempts`);
    await simulation.close();
  });

  it('worker dies before the answer arrives -> delivered twice with one key', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook);
    let deaths = 0;
    webhook.after = ({ event }) => {
      if (event === 'rollback' && deaths++ === 0) simulation.temporal.worker.restartAfter(5_000);
    };
    await abort(simulation);
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    const [first, second, ...more] = webhook.of('rollback');
    assert.ok(first && second && more.length === 0, `${webhook.of('rollback').length} requests`);
    assert.equal(first.key, second.key);
    assert.equal(first.key, first.notification.id);
    assert.deepEqual(first.notification, second.notification);
    await simulation.close();
  });

  it('no worker for an hour -> every notification arrives after it', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook);
    const { worker } = simulation.temporal;
    webhook.before = async ({ event }) => {
      if (event === 'rollback' && worker.generation === 0) {
        worker.restartAfter(60 * minuteMs);
        await currentProcess()?.checkpoint();
      }
      return 200;
    };
    await abort(simulation);
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    const events = webhook.accepted.map(({ notification }) => notification.event);
    assert.deepEqual(new Set(events), new Set(['started', 'rollback', 'ended']));
    await simulation.close();
  });

  it('stuck rollback: webhook fails for 50 min -> a page arrives within a minute of its recovery, then every 30 min', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook, [stuck, stuckUpdate]);
    const abortedMs = await abort(simulation);
    const recoversMs = abortedMs + 50 * minuteMs;
    webhook.before = () => (webhook.nowMs() < recoversMs ? 503 : 200);
    await simulation.temporal.skip(150 * minuteMs);
    const pages = webhook.of('page');
    const minutes = pages.map(({ atMs }) => (atMs - abortedMs) / minuteMs);
    assert.ok(minutes[0] !== undefined && minutes[0] >= 50 && minutes[0] <= 51, minutes.join());
    const distinct = new Set(pages.map(({ key }) => key));
    assert.equal(distinct.size, pages.length, 'no page was sent twice');
    assert.ok(pages.length >= 4, minutes.join());
    const gaps = minutes.slice(1).map((minute, i) => minute - (minutes[i] ?? 0));
    assert.ok(
      gaps.every((gap) => gap <= 31),
      minutes.join(),
    );
    await simulation.close();
  });

  it('stuck rollback, webhook always answers -> first page 2 min after the obstacle', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook, [stuck, stuckUpdate]);
    const abortedMs = await abort(simulation);
    await simulation.temporal.skip(70 * minuteMs);
    const minutes = webhook.of('page').map(({ atMs }) => Math.round((atMs - abortedMs) / minuteMs));
    assert.deepEqual(minutes, [2, 32, 62]);
    await simulation.close();
  });

  it('webhook never answers -> the workflow ends 11 min after the rollback', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook);
    webhook.before = () => 503;
    await abort(simulation);
    const { endedAt } = await resultOf(simulation);
    const timeline = await simulation.temporal.handle(`rollout:${endpoint}`).query(timelineQuery);
    const decided = timeline.find((entry) => entry.kind === 'decision' && entry.outcome === 'aborted');
    const minutes = (Date.parse(endedAt) - Date.parse(decided?.at ?? '')) / minuteMs;
    assert.ok(minutes > 9 && minutes < 11, `${minutes} min`);
    await simulation.close();
  });

  it('webhook rejects with 404 -> in the timeline, and the end does not wait', async () => {
    const webhook = new Webhook();
    const simulation = await openNotified(webhook);
    webhook.before = () => 404;
    const abortedMs = await abort(simulation);
    await resultOf(simulation);
    assert.ok(webhook.nowMs() - abortedMs < 15 * minuteMs);
    const timeline = await simulation.temporal.handle(`rollout:${endpoint}`).query(timelineQuery);
    const failed = timeline.filter(({ message }) =>
      /^could not deliver the rollback notification/.test(message),
    );
    assert.deepEqual(
      failed.map(({ message }) => message),
      ['could not deliver the rollback notification by webhook: pager.invalid answers 404'],
    );
    await simulation.close();
  });
});
