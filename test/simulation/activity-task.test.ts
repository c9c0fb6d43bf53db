/** Retries, time limits and cancellation of activities, against the rules that Temporal documents. */
import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { SimulatedClock } from '../../src/simulation/clock.js';
import { ActivityTask, type ActivityEnd } from '../../src/simulation/temporal/activity-task.js';
import { SeededRandom } from '../../src/simulation/random.js';
import { SimulatedWorker } from '../../src/simulation/temporal/worker.js';

type Run = () => Promise<unknown>;
interface Limits {
  scheduleToCloseMs?: number;
  scheduleToStartMs?: number;
  startToCloseMs?: number;
  heartbeatMs?: number;
}

const retryPolicy = {
  initialInterval: msToTs(2_000),
  backoffCoefficient: 2,
  maximumInterval: msToTs(30_000),
};

const limitOf = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: msToTs(ms) });

/** Starts one activity at time 0. `attempts`: the times at which its attempts began, in seconds. */
function start(
  run: Run,
  { scheduleToCloseMs, scheduleToStartMs, startToCloseMs = 60_000, heartbeatMs }: Limits = {},
) {
  const clock = new SimulatedClock(0);
  const began: number[] = [];
  let end: ActivityEnd | null = null;
  const act = () => {
    began.push(clock.nowMs / 1000);
    return run();
  };
  const worker = new SimulatedWorker(
    { createActivities: () => ({ act }), interceptors: [], client: {} as Pick<Client, 'workflow'> },
    { clock, random: new SeededRandom(1), fetch },
  );
  const task = new ActivityTask(
    { clock, worker },
    {
      ...{ seq: 1, activityId: '1', activityType: 'act', arguments: [], retryPolicy },
      startToCloseTimeout: msToTs(startToCloseMs),
      ...limitOf('scheduleToCloseTimeout', scheduleToCloseMs),
      ...limitOf('scheduleToStartTimeout', scheduleToStartMs),
      ...limitOf('heartbeatTimeout', heartbeatMs),
    },
    { workflowId: 'w', runId: 'r', workflowType: 'rollout' },
    (ended) => (end = ended),
  );
  const runUntil = async (ms: number) => {
    do await worker.process.idle();
    while (await clock.runNext(ms));
    clock.advanceTo(ms);
  };
  return { task, clock, worker, began, runUntil, end: () => end };
}

/** As activities wait: with the globals. */
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const fail = (delayMs?: number) =>
  Promise.reject(
    ApplicationFailure.create({
      type: 'InProgress',
      message: 'not yet',
      ...(delayMs === undefined ? {} : { nextRetryDelay: delayMs }),
    }),
  );

describe('ActivityTask', () => {
  it('retryable failures: retry policy of 2 s, x 2, at most 30 s -> attempts at those times', async () => {
    const { began, runUntil } = start(() => fail());
    await runUntil(100_000);
    assert.deepEqual(began, [0, 2, 6, 14, 30, 60, 90]);
  });

  it('nextRetryDelay: given by the failure -> instead of the backoff', async () => {
    const { began, runUntil } = start(() => fail(10_000));
    await runUntil(35_000);
    assert.deepEqual(began, [0, 10, 20, 30]);
  });

  it('non-retryable failure: first attempt -> failed, no retry', async () => {
    const { began, runUntil, end } = start(() =>
      Promise.reject(ApplicationFailure.nonRetryable('no', 'Rejected')),
    );
    await runUntil(100_000);
    assert.deepEqual([began, end()?.kind], [[0], 'failed']);
  });

  it('schedule-to-close: the next attempt would be later -> failed with the last failure', async () => {
    const { began, runUntil, end } = start(() => fail(), { scheduleToCloseMs: 10_000 });
    await runUntil(100_000);
    const ended = end();
    assert.deepEqual(began, [0, 2, 6]);
    assert.equal(ended?.kind === 'failed' && ended.failure.message, 'not yet');
  });

  it('start-to-close: an attempt takes longer -> it ends, and the next one begins after the backoff', async () => {
    const { began, runUntil } = start(() => sleep(90_000), { startToCloseMs: 20_000 });
    await runUntil(45_000);
    assert.deepEqual(began, [0, 22]);
  });

  it('schedule-to-close during an attempt -> timed out', async () => {
    const { runUntil, end, clock } = start(() => sleep(90_000), { scheduleToCloseMs: 5_000 });
    await runUntil(5_000);
    assert.deepEqual([end()?.kind, clock.nowMs], ['timedOut', 5_000]);
  });

  it('heartbeat details -> read by the next attempt', async () => {
    const seen: unknown[] = [];
    const { runUntil } = start(() => {
      seen.push(activityInfo().heartbeatDetails);
      heartbeat({ count: seen.length });
      return fail();
    });
    await runUntil(6_000);
    assert.deepEqual(seen, [undefined, { count: 1 }, { count: 2 }]);
  });

  it('cancellation between attempts -> canceled at once, no further attempt', async () => {
    const { task, began, runUntil, end } = start(() => fail());
    await runUntil(1_000);
    task.requestCancel();
    await runUntil(100_000);
    assert.deepEqual([began, end()?.kind], [[0], 'canceled']);
  });

  it('cancellation during an attempt that heeds it -> canceled at its next heartbeat', async () => {
    const { task, runUntil, end } = start(async () => {
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat(), 3_000);
      await Promise.race([sleep(50_000), context.cancelled]).finally(() => clearInterval(timer));
    });
    await runUntil(1_000);
    task.requestCancel();
    await runUntil(2_999);
    assert.equal(end(), null);
    await runUntil(3_000);
    assert.equal(end()?.kind, 'canceled');
  });

  it('cancellation during an attempt that fails -> failed, not retried', async () => {
    const { task, began, runUntil, end } = start(async () => {
      await sleep(10_000);
      return fail();
    });
    await runUntil(1_000);
    task.requestCancel();
    await runUntil(100_000);
    assert.deepEqual([began, end()?.kind], [[0], 'failed']);
  });

  it('heartbeat timeout: an attempt sends none -> it ends, and the next one begins after the backoff', async () => {
    const { began, runUntil } = start(() => sleep(90_000), { heartbeatMs: 10_000 });
    await runUntil(20_000);
    assert.deepEqual(began, [0, 12]);
  });

  it('worker killed during an attempt -> the next attempt begins after the heartbeat timeout, with its details', async () => {
    const seen: unknown[] = [];
    const { worker, began, runUntil } = start(
      async () => {
        seen.push(activityInfo().heartbeatDetails);
        await sleep(3_000);
        heartbeat('half done');
        await sleep(9_000);
        seen.push('done');
      },
      { heartbeatMs: 10_000 },
    );
    await runUntil(5_000);
    worker.restartAfter(1_000);
    await runUntil(20_000);
    assert.deepEqual(
      [began, seen],
      [
        [0, 15],
        [undefined, 'half done'],
      ],
    );
  });

  it('no worker: an attempt becomes due -> it begins when a worker starts', async () => {
    const { worker, began, runUntil } = start(() => fail());
    await runUntil(1_000);
    worker.restartAfter(60_000);
    await runUntil(61_000);
    assert.deepEqual(began, [0, 61]);
  });

  it('schedule-to-start: no worker takes it in time -> timed out, not retried', async () => {
    const { worker, began, runUntil, end } = start(() => fail(10_000), { scheduleToStartMs: 5_000 });
    await runUntil(1_000);
    worker.restartAfter(60_000);
    await runUntil(100_000);
    assert.deepEqual([began, end()?.kind], [[0], 'timedOut']);
  });
});
