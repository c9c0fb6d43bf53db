import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { createSendNotification } from '../../../src/activities/notifications/notify.js';
import { notificationEvents } from '../../../src/plan/compiled/notifications.js';
import { devServer } from '../../support/dev-server.js';
import { answer, Receiver } from '../webhooks/receiver.js';
import type { sendWithRetries } from './notification-fixtures.js';

const taskQueue = 'notifications';

describe('sendNotification with a real server and worker', () => {
  let receiver: Receiver;
  let worker: Worker;
  let running: Promise<void>;

  before(async () => {
    receiver = await Receiver.open();
    worker = await Worker.create({
      connection: (await devServer()).native,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('notification-fixtures.ts', import.meta.url)),
      activities: { sendNotification: createSendNotification({ sns: {}, env: {} }) },
    });
    running = worker.run();
  });
  after(async () => {
    worker.shutdown();
    await running;
    await receiver.close();
  });
  beforeEach(() => (receiver.received.length = 0));

  async function run(workflowId: string) {
    const { client } = await devServer();
    const channel = {
      notificationEvents: [...notificationEvents],
      kind: 'webhook' as const,
      address: { url: receiver.url },
      secretEnv: null,
    };
    const notification = {
      id: workflowId,
      event: 'page' as const,
      at: '2026-11-02T12:00:00.000Z',
      rolloutId: null,
      workflowId,
      endpoint: 'digits',
      strategy: null,
      message: 'the rollback is not verified yet',
    };
    return client.workflow.execute<typeof sendWithRetries>('sendWithRetries', {
      workflowId,
      taskQueue,
      args: [{ channel, notification }],
    });
  }

  it('sendNotification: webhook answers 200 -> delivered once', async () => {
    receiver.reply = answer(200);
    await run(`notification-${Date.now()}`);
    assert.equal(receiver.received.length, 1);
  });

  it('sendNotification: attempt timed out while sending -> sent again with the same key', async () => {
    receiver.replies(() => undefined, answer(200));
    const id = `notification-timeout-${Date.now()}`;
    await run(id);
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers['idempotency-key']),
      [id, id],
    );
  });
});
