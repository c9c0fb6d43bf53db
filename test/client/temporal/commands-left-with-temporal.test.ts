/** An abort without a worker is sent as a signal, which Temporal keeps. */
import assert from 'node:assert/strict';
import { ServiceError, type Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { CommandRejected, NoWorker, RolloutClient, TemporalUnreachable } from '../../../src/client.js';
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
  private deadline = 0;
  private cancelled = new AbortController().signal;

  constructor(private readonly signal: Signal) {}

  /** A server that has the workflow but no worker for it. */
  get client(): Client {
    const handle = {
      executeUpdate: () => Promise.reject(failed(grpcCode.deadlineExceeded, 'no response')),
      describe: () =>
        Promise.resolve({
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
      workflow: { getHandle: () => handle },
    };
    return client as unknown as Client;
  }
}

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
      await assert.rejects(abort(rollouts), TemporalUnreachable);
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
