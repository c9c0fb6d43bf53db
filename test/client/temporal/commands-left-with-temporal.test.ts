/** An abort that no worker answers: what becomes of the signal that is left with Temporal in its place. */
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

  /** A server that knows the workflow, and has nobody who works on it. */
  get client(): Client {
    const handle = {
      executeUpdate: () => Promise.reject(failed(grpcCode.deadlineExceeded, 'no answer')),
      describe: () =>
        Promise.resolve({
          typedSearchAttributes: {
            get: ({ name }: { name: string }) => (name === 'RolloutOutcome' ? 'aborted' : null),
          },
        }),
      signal: ({ name }: { name: string }, argument: unknown) => {
        const left = this.deadline - Date.now();
        assert.ok(left > 0 && left <= answerSeconds * 1000, `${left} ms for an answer`);
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

for (const [what, abort] of Object.entries(ways))
  describe(`${what} that no worker answers`, () => {
    it('is left with Temporal once, and says that there is no worker', async () => {
      const { temporal, rollouts } = clientOf(() => Promise.resolve());
      await assert.rejects(abort(rollouts), NoWorker);
      assert.deepEqual(temporal.signals, [['abort', ada]]);
    });

    it('is refused where it has ended meanwhile', async () => {
      const { rollouts } = clientOf(() =>
        Promise.reject(new WorkflowNotFoundError('workflow execution already completed', 'x', undefined)),
      );
      await assert.rejects(abort(rollouts), (error) => {
        assert.ok(error instanceof CommandRejected, String(error));
        assert.match(error.reason, /already ended \(aborted\)$/);
        return true;
      });
    });

    it('says that Temporal does not answer where it cannot be left there', async () => {
      const { rollouts } = clientOf(() => Promise.reject(failed(grpcCode.unavailable, 'no connection')));
      await assert.rejects(abort(rollouts), TemporalUnreachable);
    });

    it('ends with the client', async () => {
      const { rollouts } = clientOf((cancelled) => {
        setImmediate(() => void rollouts.close());
        return new Promise((_, reject) =>
          cancelled.addEventListener('abort', () => reject(failed(grpcCode.cancelled, 'cancelled'))),
        );
      });
      await assert.rejects(abort(rollouts), TemporalUnreachable);
    });
  });
