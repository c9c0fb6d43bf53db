/** A command that was answered with a failure does not happen later. */
import assert from 'node:assert/strict';
import { CommandRejected, NoWorker, type RolloutClient } from '../../../src/client.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { timelineQuery, type RolloutResult, type RolloutStatus } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { sendFromClient } from '../simulated-client.js';
import { endpoint, minuteMs, status, workflowId } from './ranker-rollout.js';

const expired =
  "the command expired at ..., and Temporal's time is ...; send it again, and if it expires again, check the clock of the machine that sent it";
const ada = { actor: 'ada', reason: 'numbers look good' };

type Send = (client: RolloutClient) => Promise<RolloutStatus>;

const approvals = [{ before: 'traffic', approval: { people: 1 } }];

interface Left {
  spec: object;
  /** Brings the rollout into a state in which it accepts the command. */
  prepare?: Send;
  send: Send;
}

const left: Record<string, Left> = {
  promote: { spec: {}, send: (client) => client.promote(endpoint, ada) },
  'promote --full': { spec: {}, send: (client) => client.promote(endpoint, { ...ada, full: true }) },
  pause: { spec: {}, send: (client) => client.pause(endpoint, ada) },
  resume: {
    spec: {},
    prepare: (client) => client.pause(endpoint, ada),
    send: (client) => client.resume(endpoint, ada),
  },
  approve: { spec: { gates: approvals }, send: (client) => client.approve(endpoint, ada) },
};

async function openBaking(fields: object): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint);
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%', '50%'], bake: '6h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      ...fields,
    }),
  );
  await simulation.temporal.skip(40 * minuteMs);
  return simulation;
}

async function errorOf(simulation: Simulation, send: Send, options = {}): Promise<Error> {
  const settled = await sendFromClient(simulation, send, options);
  assert.ok('error' in settled, 'the command was accepted');
  return settled.error;
}

const essence = ({ phase, step, paused, gate }: RolloutStatus) => ({ phase, step, paused, gate });

async function accepted({ temporal }: Simulation): Promise<string[]> {
  const timeline = await temporal.handle(workflowId).query(timelineQuery);
  return timeline.flatMap((entry) => (entry.kind === 'command' && entry.accepted ? [entry.command] : []));
}

describe('commands that no worker answered', () => {
  for (const [name, { spec, prepare, send }] of Object.entries(left))
    it(`${name}: client gave up, the worker returns 10 min later -> it does not happen`, async () => {
      const simulation = await openBaking(spec);
      if (prepare) await sendFromClient(simulation, prepare);
      const [before, commands] = [await status(simulation), await accepted(simulation)];
      simulation.temporal.worker.kill();
      const error = await errorOf(simulation, send);
      assert.ok(error instanceof NoWorker, String(error));
      await simulation.temporal.skip(10 * minuteMs);
      simulation.temporal.worker.start();
      await simulation.temporal.skip(2 * minuteMs);
      assert.deepEqual(essence(await status(simulation)), essence(before));
      assert.deepEqual(await accepted(simulation), commands);
      assertRunbookEntry(error.message, 'The X is not applied after ...: send it again when a worker runs.');
      const again = await sendFromClient(simulation, send);
      assert.ok('answer' in again, 'error' in again ? String(again.error) : '');
      await simulation.close();
    });

  it('promote: the worker returns while the client waits -> applied', async () => {
    const simulation = await openBaking({});
    const { temporal } = simulation;
    temporal.worker.restartAfter(5_000);
    const settled = await sendFromClient(simulation, (client) => client.promote(endpoint, ada));
    assert.ok('answer' in settled, 'error' in settled ? String(settled.error) : '');
    assert.deepEqual(await accepted(simulation), ['promote']);
    await simulation.close();
  });

  it('abort: client gave up -> it says that Temporal keeps the abort, and the next worker applies it', async () => {
    const simulation = await openBaking({});
    simulation.temporal.worker.kill();
    const error = await errorOf(simulation, (client) => client.abort(endpoint, ada));
    assert.ok(error instanceof NoWorker, String(error));
    assertRunbookEntry(
      error.message,
      'Temporal keeps the abort, because a rollback must not be lost: the next worker applies it.',
    );
    await simulation.temporal.skip(10 * minuteMs);
    simulation.temporal.worker.start();
    const result = (await simulation.temporal.handle(workflowId).result()) as RolloutResult;
    assert.equal(result.outcome, 'aborted', result.reason);
    await simulation.close();
  });

  it('promote: the clock of the client is 10 min late -> rejected, the reason names the clock', async () => {
    const simulation = await openBaking({});
    const error = await errorOf(simulation, (client) => client.promote(endpoint, ada), {
      skewMs: -10 * minuteMs,
    });
    assert.ok(error instanceof CommandRejected, String(error));
    assertRunbookEntry(error.reason, expired);
    await simulation.close();
  });

  it('abort: the clock of the client is 10 min late -> applied', async () => {
    const simulation = await openBaking({});
    const settled = await sendFromClient(simulation, (client) => client.abort(endpoint, ada), {
      skewMs: -10 * minuteMs,
    });
    assert.ok('answer' in settled, 'error' in settled ? String(settled.error) : '');
    await simulation.close();
  });
});
