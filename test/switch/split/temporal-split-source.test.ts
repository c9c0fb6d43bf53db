import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { TemporalSplitSource } from '../../../src/client/splits.js';
import { splitMemoKey, type Split } from '../../../src/plan/split/split.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { devServer, eventually } from '../../support/dev-server.js';
import { end, publish, publishing } from './publishing-workflow.js';
import { splitOf } from './splits.js';
import { openEnvironment, variantFor, type SwitchEnvironment } from '../switch-environment.js';

const taskQueue = 'switch-test';

describe('switch and Temporal', () => {
  let environment: SwitchEnvironment | null = null;
  let source: TemporalSplitSource;
  let run = 0;
  let endpoint: string;
  let splitFor: (change?: Partial<Split>) => Split;

  beforeEach(async () => {
    const { address } = await devServer();
    source = TemporalSplitSource.open({ address });
    endpoint = `shop-${Date.now()}-${run++}`;
    splitFor = (change = {}) =>
      splitOf({
        endpoint,
        targets: { baseline: { endpoint, variant: 'shop-a' }, candidate: { endpoint, variant: 'shop-b' } },
        ...change,
      });
  });
  afterEach(async () => {
    await environment?.stop();
    environment = null;
    await source.close();
  });

  const variant = () => variantFor(environment!, 'ada', { endpoint });

  it('switch: a rollout publishes a split -> users move within two seconds and stay after its end', async () => {
    const { client, native } = await devServer();
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('publishing-workflow.ts', import.meta.url)),
    });
    environment = await openEnvironment({ source });
    assert.equal(await variant(), `only-of-${endpoint}`, 'no rollout yet');
    await worker.runUntil(async () => {
      const handle = await client.workflow.start(publishing, {
        workflowId: workflowIdOf(endpoint),
        taskQueue,
        args: [splitFor({ candidateShare: 0 })],
      });
      await eventually(async () => ((await variant()) === 'shop-a' ? true : undefined));
      await handle.signal(publish, splitFor({ sequence: 2, candidateShare: 100 }));
      await eventually(async () => ((await source.read(endpoint))?.sequence === 2 ? true : undefined));
      await delay(2000);
      assert.equal(await variant(), 'shop-b');
      await handle.signal(end);
      await handle.result();
    });
    // The switch needs neither the worker nor a running rollout.
    assert.equal((await source.read(endpoint))?.candidateShare, 100);
    await environment.restart();
    assert.equal(await variant(), 'shop-b');
  });

  it('TemporalSplitSource: no worker runs -> reads the published split', async () => {
    const { client } = await devServer();
    const split = splitFor();
    const handle = await client.workflow.start('rollout', {
      workflowId: workflowIdOf(endpoint.toUpperCase()),
      taskQueue: 'no-worker',
      memo: { [splitMemoKey]: split },
    });
    assert.deepEqual(await source.read(endpoint), split);
    await handle.terminate();
    assert.deepEqual(await source.read(endpoint), split);
  });

  it('TemporalSplitSource: no rollout, or one that has not published -> null', async () => {
    const { client } = await devServer();
    assert.equal(await source.read(endpoint), null);
    const handle = await client.workflow.start('rollout', {
      workflowId: workflowIdOf(endpoint),
      taskQueue: 'no-worker',
    });
    assert.equal(await source.read(endpoint), null);
    await handle.terminate();
  });

  it('switch: started without Temporal -> requests wait briefly, then use the split once it is up', async () => {
    const { port, close, openTo } = await startGate();
    const gated = TemporalSplitSource.open({ address: `127.0.0.1:${port}` });
    environment = await openEnvironment({ source: gated });
    // The gate is still closed, so this is the answer after the wait.
    assert.equal(await variant(), `only-of-${endpoint}`);
    await assert.rejects(gated.read(endpoint), { name: 'TemporalUnreachable' });
    const { client, address } = await devServer();
    const handle = await client.workflow.start('rollout', {
      workflowId: workflowIdOf(endpoint),
      taskQueue: 'no-worker',
      memo: { [splitMemoKey]: splitFor({ candidateShare: 100 }) },
    });
    openTo(address);
    await eventually(async () => ((await variant()) === 'shop-b' ? true : undefined));
    await handle.terminate();
    await close();
    await delay(1500);
    assert.equal(await variant(), 'shop-b', 'the switch continues after Temporal is gone');
    await environment.stop();
    environment = null;
    await gated.close();
  });
});

/** A port that closes connections until `openTo` names a server. */
async function startGate() {
  let target: string | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (target === null) return void socket.destroy();
    const [host = '', port = ''] = target.split(':');
    const upstream = connect(Number(port), host).on('error', () => undefined);
    sockets.add(upstream);
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    openTo: (address: string) => void (target = address),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
