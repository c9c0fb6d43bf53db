import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import {
  CommandRejected,
  NoWorker,
  RolloutAlreadyRunning,
  RolloutClient,
  RolloutEndedAbnormally,
  RolloutNotFound,
  TemporalRejected,
} from '../../src/client.js';
import type { Gate } from '../../src/plan/compiled/gate.js';
import { devServer, eventually, openNamespace } from '../support/dev-server.js';
import { names, verdict, FakeActivities } from '../workflows/fake-activities.js';
import { bakingWorld, isBaking, until, watchWith, withWorker } from './dev-world.js';

/** A gate that needs this number of approvals. */
function approvalOf(people: number): Gate {
  return {
    id: 'release',
    withinSeconds: null,
    kind: 'approval',
    people,
    allowStarter: false,
    verified: false,
  };
}

const ada = { actor: 'ada', reason: 'because' };
const startedBy = 'ada@laptop';

function specOf(endpoint: string) {
  return { apiVersion: 'penstock/v1', endpoint, strategy: { canary: { steps: ['10%', '50%'] } } };
}

describe('RolloutClient', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let temporal: Client;
  let rollouts: RolloutClient;
  /** For tests without a worker. */
  let impatient: RolloutClient;

  before(async () => {
    temporal = (await devServer()).client;
    rollouts = new RolloutClient(temporal, { answerSeconds: 90 });
    impatient = new RolloutClient(temporal, { answerSeconds: 5 });
  });

  describe('start', () => {
    it('start: a spec -> workflow `rollout` with memo, search attribute and a summary for the Web UI', async () => {
      await withWorker(bakingWorld(), async () => {
        const started = await rollouts.start(specOf('Started'), { startedBy });
        assert.equal(started.workflowId, 'rollout:started');
        assert.equal(started.endpoint, 'Started');
        const description = await temporal.workflow.getHandle('rollout:started').describe();
        assert.equal(description.type, 'rollout');
        assert.equal(description.taskQueue, 'penstock');
        assert.deepEqual(description.memo, { startedBy });
        assert.equal(description.runId, started.runId);
        assert.equal(await description.staticSummary(), 'Started: canary, started by ada@laptop');
        assert.match((await description.staticDetails()) ?? '', /penstock watch Started/);
        await until(rollouts, 'started', isBaking);
        await rollouts.abort('started', ada);
        await rollouts.wait('started');
      });
    });

    it('start: a rollout of the endpoint is running -> rejected with its id, phase and starter', async () => {
      await withWorker(bakingWorld(), async () => {
        const { runId } = await rollouts.start(specOf('twice'), { startedBy });
        await until(rollouts, 'twice', isBaking);
        await assert.rejects(rollouts.start(specOf('TWICE'), { startedBy: 'bob' }), (error) => {
          assert.ok(error instanceof RolloutAlreadyRunning);
          const { workflowId, phase, startedBy: by, runId: running } = error;
          assert.deepEqual([workflowId, phase, by, running], ['rollout:twice', 'baking', startedBy, runId]);
          assert.match(error.message, /penstock watch TWICE/);
          return true;
        });
        await rollouts.abort('twice', ada);
        await rollouts.wait('twice');
      });
    });

    it('start: search attributes are missing -> names `penstock setup`', async () => {
      const bare = await openNamespace('bare');
      await assert.rejects(new RolloutClient(bare).start(specOf('bare'), { startedBy }), (error) => {
        assert.ok(error instanceof TemporalRejected);
        assert.match(error.message, /penstock setup/);
        return true;
      });
    });
  });

  describe('get', () => {
    it('get: a watch is running -> its verdicts and statistics are in the status', async () => {
      const judged = verdict('pass', 'error rate 0.42 % < 1 %, window 3 of 6');
      const state = {
        guardrails: { errorRate: { judgedTo: '2026-01-01T00:03:00.000Z', windowsJudged: 3, last: judged } },
        alarms: [],
        comparisons: {},
        stats: [
          {
            role: 'candidate' as const,
            variant: names.variant.candidate,
            requests: 1200,
            errors: 5,
            p99Ms: 40,
          },
        ],
        observation: observationOf(9, 1),
      };
      const world = bakingWorld();
      await withWorker(
        world,
        async () => {
          await rollouts.start(specOf('merged'), { startedBy });
          const status = await until(rollouts, 'merged', isBaking);
          assert.equal(status.execution, 'running');
          assert.deepEqual(status.verdicts, [judged]);
          const candidate = status.variants.find(({ role }) => role === 'candidate');
          assert.equal(candidate?.actualWeight, 10);
          assert.equal(candidate?.requests, 1200);
          assert.equal(candidate?.errors, 5);
          const [watch] = status.pending;
          assert.equal(watch?.activity, 'watchTraffic');
          assert.equal(watch?.failureType, 'InProgress');
          assert.equal(watch?.message, 'all well so far');
          assert.ok(Date.parse(watch?.nextTryAt ?? '') > Date.now() + 500_000);
          await rollouts.abort('merged', ada);
          await rollouts.wait('merged');
        },
        watchWith(state, 'all well so far'),
      );
    });

    it('get: ended rollout without a worker -> its outcome', async () => {
      await withWorker(bakingWorld(), async () => {
        await rollouts.start(specOf('over'), { startedBy });
        await until(rollouts, 'over', isBaking);
        await rollouts.promote('over', { ...ada, full: true });
        assert.equal((await rollouts.wait('over')).outcome, 'promoted');
      });
      const status = await impatient.get('over');
      assert.equal(status.phase, 'ended');
      assert.equal(status.outcome, 'promoted');
      assert.equal(status.execution, 'completed');
      assert.equal(status.startedBy, startedBy);
    });

    it('get: endpoint without rollouts -> RolloutNotFound', async () => {
      await assert.rejects(rollouts.get('unknown'), RolloutNotFound);
      await assert.rejects(rollouts.wait('unknown'), RolloutNotFound);
      await assert.rejects(rollouts.promote('unknown', ada), RolloutNotFound);
    });
  });

  describe('commands', () => {
    it('commands: accepted -> the new status, and an entry in the timeline', async () => {
      await withWorker(bakingWorld(), async () => {
        await rollouts.start(specOf('commanded'), { startedBy });
        await until(rollouts, 'commanded', isBaking);
        assert.equal((await rollouts.pause('commanded', ada)).paused, true);
        assert.equal((await rollouts.resume('commanded', ada)).paused, false);
        assert.equal((await rollouts.plan('commanded'))?.strategy, 'canary');
        const commands = (await rollouts.timeline('commanded')).filter(({ kind }) => kind === 'command');
        assert.equal(commands.length, 2);
        await rollouts.abort('commanded', ada);
        assert.equal((await rollouts.wait('commanded')).outcome, 'aborted');
      });
    });

    it('commands: not applicable -> CommandRejected with the reason', async () => {
      await withWorker(bakingWorld(), async () => {
        await rollouts.start(specOf('stubborn'), { startedBy });
        await until(rollouts, 'stubborn', isBaking);
        await assert.rejects(rollouts.resume('stubborn', ada), (error) => {
          assert.ok(error instanceof CommandRejected);
          assert.equal(error.command, 'resume');
          assert.match(error.message, /^Cannot resume stubborn: .*not paused/);
          return true;
        });
        await rollouts.abort('stubborn', ada);
        await rollouts.wait('stubborn');
        await assert.rejects(rollouts.abort('stubborn', ada), /already ended \(aborted\)/);
      });
    });

    it('commands: approvals open a gate, undo in the rollback window -> rolls back', async () => {
      const world = new FakeActivities({
        rollbackWindow: { seconds: 86_400, baseline: 'warm' },
        steps: [
          { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
          { kind: 'gate', stage: 1, gate: approvalOf(2) },
          { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
        ],
      });
      world.reports.push(({ mode }) => (mode === 'final' ? {} : 'watching'));
      await withWorker(world, async () => {
        await rollouts.start(specOf('gated'), { startedBy });
        await until(rollouts, 'gated', ({ gate }) => gate !== null);
        assert.deepEqual((await rollouts.approve('gated', ada)).gate?.approvals, ['ada']);
        await assert.rejects(rollouts.approve('gated', ada), /ada has already approved/);
        await assert.rejects(rollouts.retry('gated', ada), /not holding; nothing to retry/);
        await assert.rejects(rollouts.undo('gated', ada), /nothing is promoted yet/);
        await rollouts.approve('gated', { ...ada, actor: 'bob' });
        await until(rollouts, 'gated', ({ phase }) => phase === 'rollbackWindow');
        await rollouts.undo('gated', ada);
        assert.equal((await rollouts.wait('gated')).reason, 'undone by ada: because');
      });
    });

    it('commands: undo or abort after a promotion -> names `penstock reverse`', async () => {
      await withWorker(new FakeActivities(), async () => {
        await rollouts.start(specOf('done'), { startedBy });
        assert.equal((await rollouts.wait('done')).outcome, 'promoted');
      });
      const advice = 'penstock reverse done > back.yaml && penstock start back.yaml';
      for (const command of ['undo', 'abort'] as const) {
        await assert.rejects(rollouts[command]('done', ada), (error) => {
          assert.ok(error instanceof CommandRejected);
          assert.ok(error.message.includes(`already ended (promoted)`));
          assert.ok(error.message.includes(advice));
          return true;
        });
      }
    });

    it('commands: sent twice with one update id -> counted once', async () => {
      await withWorker(bakingWorld(), async () => {
        await rollouts.start(specOf('once'), { startedBy });
        await until(rollouts, 'once', isBaking);
        await rollouts.pause('once', ada, { updateId: 'request-1' });
        assert.equal((await rollouts.pause('once', ada, { updateId: 'request-1' })).paused, true);
        await rollouts.abort('once', ada);
        await rollouts.wait('once');
      });
    });
  });

  describe('without a worker', () => {
    it('no worker: get -> NoWorker, abort -> applied by the next worker', async () => {
      const world = bakingWorld();
      await withWorker(world, async () => {
        await rollouts.start(specOf('lonely'), { startedBy });
        await until(rollouts, 'lonely', isBaking);
      });
      await assert.rejects(impatient.get('lonely'), (error) => {
        assert.ok(error instanceof NoWorker);
        assert.deepEqual(error.at, { phase: 'baking', taskQueue: 'penstock' });
        assert.match(error.message, /Run `penstock worker`\./);
        return true;
      });
      await assert.rejects(impatient.abort('lonely', ada), NoWorker);
      const result = await withWorker(world, () => rollouts.wait('lonely'));
      assert.equal(result.outcome, 'aborted');
    });
  });

  describe('task queue', () => {
    it('start: taskQueue -> the workers of that queue get it, and NoWorker names the queue', async () => {
      const taskQueue = `abroad-${process.pid}`;
      const { runId } = await rollouts.start(specOf('abroad'), { startedBy, taskQueue });
      const handle = temporal.workflow.getHandle('rollout:abroad', runId);
      assert.equal((await handle.describe()).taskQueue, taskQueue);
      await withWorker(bakingWorld(), () =>
        assert.rejects(impatient.get('abroad'), (error) => {
          assert.ok(error instanceof NoWorker);
          assert.match(error.message, new RegExp(`Run .penstock worker --task-queue ${taskQueue}.\\.`));
          return true;
        }),
      );
      await handle.terminate();
    });
  });

  describe('record', () => {
    it('recordOfPromotion: later rollouts fail -> the promoted one, and undo names `penstock reverse`', async () => {
      const endpoint = `attempted-${process.pid}`;
      const world = new FakeActivities();
      await withWorker(world, async () => {
        await rollouts.start(specOf(endpoint), { startedBy });
        assert.equal((await rollouts.wait(endpoint)).outcome, 'promoted');
        for (const type of ['PreflightFailed', 'ValidationFailed'] as const) {
          world.failures.push({ activity: 'preflight', type, message: 'a typing error' });
          await rollouts.start(specOf(endpoint), { startedBy });
          assert.equal((await rollouts.wait(endpoint)).outcome, 'failed');
        }
      });
      // Temporal lists an ended workflow after some time.
      const found = await eventually(async () => (await rollouts.recordOfPromotion(endpoint)) ?? undefined);
      assert.equal(found.result?.outcome, 'promoted');
      assert.deepEqual(found.plan, world.plan);
      assert.equal((await rollouts.record(endpoint)).result?.outcome, 'failed');
      for (const command of ['undo', 'abort'] as const)
        await assert.rejects(rollouts[command](endpoint, ada), (error) => {
          assert.ok(error instanceof CommandRejected);
          assert.match(
            error.message,
            /already ended \(failed\); to roll back the last promotion, .*penstock reverse/,
          );
          return true;
        });
    });

    it('recordOfPromotion: no rollout was promoted -> null, and undo names no `penstock reverse`', async () => {
      const endpoint = `unpromoted-${process.pid}`;
      const world = new FakeActivities();
      world.failures.push({ activity: 'preflight', type: 'PreflightFailed', message: 'a typing error' });
      await withWorker(world, async () => {
        await rollouts.start(specOf(endpoint), { startedBy });
        await rollouts.wait(endpoint);
      });
      assert.equal(await rollouts.recordOfPromotion(endpoint), null);
      await assert.rejects(rollouts.undo(endpoint, ada), /already ended \(failed\)$/);
      await assert.rejects(rollouts.recordOfPromotion('unknown'), RolloutNotFound);
    });

    it('record: ended rollout without a worker -> plan, previous model and result', async () => {
      const world = new FakeActivities();
      await withWorker(world, async () => {
        await rollouts.start(specOf('recorded'), { startedBy });
        await rollouts.wait('recorded');
      });
      const { execution, plan, starting, result } = await rollouts.record('recorded');
      assert.equal(execution, 'completed');
      assert.deepEqual(plan, world.plan);
      assert.deepEqual(starting, world.starting);
      assert.equal(result?.outcome, 'promoted');
    });

    it('record: rollout without a plan yet -> null fields', async () => {
      await rollouts.start(specOf('young'), { startedBy });
      const nothing = { execution: 'running', plan: null, starting: null, result: null };
      assert.deepEqual(await rollouts.record('young'), nothing);
      await temporal.workflow.getHandle('rollout:young').terminate();
      await assert.rejects(rollouts.record('unknown'), RolloutNotFound);
    });
  });

  describe('close', () => {
    it('close: calls in progress -> rejected', async () => {
      const { address } = await devServer();
      const own = await RolloutClient.connect({ address });
      await own.start(specOf('closing'), { startedBy });
      const waiting = Promise.allSettled([own.wait('closing'), own.get('closing')]);
      await delay(300);
      await own.close();
      const ended = await waiting;
      assert.deepEqual(
        ended.map(({ status }) => status),
        ['rejected', 'rejected'],
      );
      await temporal.workflow.getHandle('rollout:closing').terminate();
    });
  });

  describe('a terminated workflow', () => {
    it('a terminated workflow: wait -> RolloutEndedAbnormally, get -> execution terminated', async () => {
      await withWorker(bakingWorld(), async () => {
        await rollouts.start(specOf('terminated'), { startedBy });
        await until(rollouts, 'terminated', isBaking);
        await temporal.workflow.getHandle('rollout:terminated').terminate('by mistake');
        await assert.rejects(rollouts.wait('terminated'), (error) => {
          assert.ok(error instanceof RolloutEndedAbnormally);
          assert.match(error.message, /by mistake.*Nothing was rolled back/);
          return true;
        });
        assert.equal((await rollouts.get('terminated')).execution, 'terminated');
      });
    });
  });

  describe('list', () => {
    it('list: default -> running rollouts, all -> ended ones too', async () => {
      await withWorker(bakingWorld(), async () => {
        await rollouts.start(specOf('listed'), { startedBy });
        await until(rollouts, 'listed', isBaking);
        const running = await eventually(async () =>
          (await rollouts.list()).find(({ endpoint, phase }) => endpoint === 'listed' && phase === 'baking'),
        );
        const { strategy, candidateWeight, startedBy: by, execution, endedAt } = running;
        assert.deepEqual([strategy, candidateWeight, by], ['canary', 10, startedBy]);
        assert.deepEqual([execution, endedAt], ['running', null]);
        await rollouts.abort('listed', ada);
        await rollouts.wait('listed');
        const isEnded = async () => !(await rollouts.list()).some(({ endpoint }) => endpoint === 'listed');
        await eventually(async () => (await isEnded()) || undefined);
        const ended = (await rollouts.list({ all: true })).find(({ endpoint }) => endpoint === 'listed');
        assert.equal(ended?.outcome, 'aborted');
      });
    });
  });

  describe('setup', () => {
    it('setup: run twice -> registers the attributes once', async () => {
      const client = new RolloutClient(await openNamespace('fresh'));
      const { added, present } = await client.setup();
      assert.equal(added.length, 5);
      assert.deepEqual(present, []);
      const again = await eventually(async () => {
        const registration = await client.setup();
        return registration.added.length === 0 ? registration : undefined;
      });
      assert.deepEqual(again.present.sort(), added.sort());
    });
  });
});

function observationOf(baseline: number, candidate: number) {
  const variant = (name: string, weight: number) => ({
    name,
    endpoint: 'merged',
    configName: names.sideBySideConfig,
    currentWeight: weight,
    desiredWeight: weight,
    currentCount: 2,
    desiredCount: 2,
    status: null,
  });
  return {
    at: '2026-01-01T00:03:00.000Z',
    status: 'InService',
    configName: names.sideBySideConfig,
    failureReason: null,
    variants: [variant('AllTraffic', baseline), variant(names.variant.candidate, candidate)],
  };
}
