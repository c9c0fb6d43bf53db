/** An abort without a worker is sent as a signal, which Temporal keeps. The other commands expire. */
import assert from 'node:assert/strict';
import { ServiceError, type Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { CommandRejected, NoWorker, RolloutClient, TemporalUnreachable } from '../../../src/client.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { grpcCode } from '../../../src/client/temporal/temporal-failures.js';

function failed(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Failed to do it', { cause });
}

const ada = { actor: 'ada', reason: 'errors' };
const answerSeconds = 5;

type Signal = (cancelled: AbortSignal) => Promise<void>;

class Temporal {
  readonly signals: unknown[] = [];
  readonly updates: unknown[] = [];
  /** The failure of every update. */
  updateFailure = failed(grpcCode.deadlineExceeded, 'no response');
  private deadline = 0;
  private cancelled = new AbortController().signal;

  constructor(private readonly signal: Signal) {}

  /** A server that has the workflow but no worker for it. */
  get client(): Client {
    const handle = {
      executeUpdate: (_: unknown, { args }: { args: unknown[] }) => {
        this.updates.push(args[0]);
        return Promise.reject(this.updateFailure);
      },
      describe: () =>
        Promise.resolve({
          workflowId: 'rollout:digits',
          runId: 'x',
          status: { name: 'COMPLETED' },
          startTime: new Date(0),
          typedSearchAttributes: {
            get: ({ name }: { name: string }) => (name === 'RolloutOutcome' ? 'aborted' : null),
          },
        }),
      signal: ({ name }: { name: string }, argument: unknown) => {
        const remaining = this.deadline - Date.now();
        assert.ok(remaining > 0 && remaining <= answerSeconds * 1000, `${remaining} ms until the deadline`);
        this.signals.push([name, argument]);
        return this.signal(this.cancelled);
      },
    };
    const client = {
      options: { namespace: 'default' },
      connection: { close: () => Promise.resolve() },
      withDeadline: (deadline: number, call: () => Promise<unknown>) => {
        this.deadline = deadline;
        return call().finally(() => (this.deadline = 0));
      },
      withAbortSignal: (signal: AbortSignal, call: () => Promise<unknown>) => {
        this.cancelled = signal;
        return call();
      },
      workflow: { getHandle: () => handle, list: () => noRollouts() },
    };
    return client as unknown as Client;
  }
}

async function* noRollouts(): AsyncGenerator<never> {}

function clientOf(signal: Signal) {
  const temporal = new Temporal(signal);
  return { temporal, rollouts: new RolloutClient(temporal.client, { answerSeconds, env: {} }) };
}

const ways: Record<string, (rollouts: RolloutClient) => Promise<unknown>> = {
  'an abort of a rollout': (rollouts) => rollouts.abort('digits', ada),
  'an abort of waves': (rollouts) => rollouts.waves.abort('digits', ada),
};

for (const [subject, abort] of Object.entries(ways))
  describe(`${subject} without a worker`, () => {
    it(`${subject}: no worker -> one signal, and NoWorker`, async () => {
      const { temporal, rollouts } = clientOf(() => Promise.resolve());
      await assert.rejects(abort(rollouts), NoWorker);
      assert.deepEqual(temporal.signals, [['abort', ada]]);
      assert.deepEqual(temporal.updates, [ada]);
    });

    it(`${subject}: no worker, ended meanwhile -> CommandRejected`, async () => {
      const { rollouts } = clientOf(() =>
        Promise.reject(new WorkflowNotFoundError('workflow execution already completed', 'x', undefined)),
      );
      await assert.rejects(abort(rollouts), (error) => {
        assert.ok(error instanceof CommandRejected, String(error));
        assert.match(error.reason, /already ended \(aborted\)$/);
        return true;
      });
    });

    it(`${subject}: no worker, then Temporal is unreachable -> TemporalUnreachable`, async () => {
      const { rollouts } = clientOf(() => Promise.reject(failed(grpcCode.unavailable, 'no connection')));
      await assert.rejects(abort(rollouts), (error) => {
        assert.ok(error instanceof TemporalUnreachable, String(error));
        assertRunbookEntry(
          error.message,
          'If the abort has arrived, a worker applies it. Otherwise send it again: twice has the effect of once.',
        );
        return true;
      });
    });

    it(`${subject}: no worker, the client is closed -> TemporalUnreachable`, async () => {
      const { rollouts } = clientOf((cancelled) => {
        setImmediate(() => void rollouts.close());
        return new Promise((_, reject) =>
          cancelled.addEventListener('abort', () => reject(failed(grpcCode.cancelled, 'cancelled'))),
        );
      });
      await assert.rejects(abort(rollouts), TemporalUnreachable);
    });
  });

const expiring: Record<string, (rollouts: RolloutClient) => Promise<unknown>> = {
  'a promote of a rollout': (rollouts) => rollouts.promote('digits', ada),
  'a pause of waves': (rollouts) => rollouts.waves.pause('digits', ada),
};

for (const [subject, send] of Object.entries(expiring))
  describe(`${subject} without an answer`, () => {
    it(`${subject}: no worker -> no signal, and it expires before the client gives up`, async () => {
      const { temporal, rollouts } = clientOf(() => Promise.resolve());
      const before = Date.now();
      await assert.rejects(send(rollouts), (error) => {
        const [{ expires }] = temporal.updates as [{ expires: string }];
        const afterMs = Date.parse(expires) - before;
        assert.ok(afterMs > 0 && afterMs < answerSeconds * 1000, `${afterMs} ms`);
        assert.ok(error instanceof NoWorker, String(error));
        assert.equal(error.unanswered?.expires, expires);
        return true;
      });
      assert.deepEqual(temporal.signals, []);
    });

    it(`${subject}: the connection is lost -> TemporalUnreachable, with the time until which it can be applied`, async () => {
      const { temporal, rollouts } = clientOf(() => Promise.resolve());
      temporal.updateFailure = failed(grpcCode.unavailable, 'no connection');
      await assert.rejects(send(rollouts), (error) => {
        assert.ok(error instanceof TemporalUnreachable, String(error));
        assertRunbookEntry(
          error.message,
          'If the X has arrived, it is not applied after ...: check the status, then send it again.',
        );
        return true;
      });
    });
  });
