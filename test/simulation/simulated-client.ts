/** A RolloutClient of a machine of its own, whose calls go to a simulation's Temporal. */
import { ServiceError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { RolloutClient } from '../../src/client.js';
import { grpcCode } from '../../src/client/temporal/temporal-failures.js';
import { SimulatedProcess } from '../../src/simulation/process/simulated-process.js';
import { SeededRandom } from '../../src/simulation/random.js';
import type { Simulation } from '../../src/simulation/simulation.js';
import { decode, decodeFailure, encodeAll } from '../../src/simulation/temporal/payloads.js';

/** As the client's default. */
const answerSeconds = 15;

type Call<T> = (client: RolloutClient) => Promise<T>;

/** Sends one command and lets time pass until the client has its answer. `skewMs`: how far its clock is ahead. */
export async function sendFromClient<T>(
  simulation: Simulation,
  call: Call<T>,
  { skewMs = 0 }: { skewMs?: number } = {},
): Promise<{ answer: T } | { error: Error }> {
  const { temporal } = simulation;
  const machine = new SimulatedProcess({
    clock: temporal.clock,
    random: new SeededRandom(7),
    fetch: () => Promise.reject(new Error('no network')),
  });
  machine.skewMs = skewMs;
  let settled: { answer: T } | { error: Error } | null = null;
  void machine
    .run(() => call(new RolloutClient(clientOf(simulation), { answerSeconds, env: {} })))
    .then(
      (answer) => (settled = { answer }),
      (error: Error) => (settled = { error }),
    );
  await machine.idle();
  await temporal.runUntil(() => settled !== null, 'the client has an answer');
  return settled as unknown as { answer: T } | { error: Error };
}

/** The calls that commands make. */
function clientOf({ temporal }: Simulation): Client {
  let deadlineMs = 0;
  const handleOf = (workflowId: string) => ({
    executeUpdate: ({ name }: { name: string }, { args }: { args: unknown[] }) =>
      new Promise((resolve, reject) => {
        const unanswered = () => reject(failed(grpcCode.deadlineExceeded, 'no response'));
        const limit = setTimeout(unanswered, deadlineMs - Date.now());
        temporal.running(workflowId).update(temporal.nextUuid(), name, encodeAll(args), (outcome) => {
          clearTimeout(limit);
          if ('failure' in outcome)
            reject(new WorkflowUpdateFailedError('Workflow Update failed', decodeFailure(outcome.failure)));
          else resolve(decode(outcome.result));
        });
      }),
    signal: ({ name }: { name: string }, argument: unknown) => {
      temporal.running(workflowId).signal(name, encodeAll([argument]));
      return Promise.resolve();
    },
    describe: () => Promise.resolve({ typedSearchAttributes: { get: () => undefined } }),
  });
  const client = {
    options: { namespace: 'default' },
    connection: { close: () => Promise.resolve() },
    withDeadline: (deadline: number, call: () => Promise<unknown>) => {
      deadlineMs = deadline;
      return call();
    },
    withAbortSignal: (_: AbortSignal, call: () => Promise<unknown>) => call(),
    workflow: { getHandle: handleOf },
  };
  return client as unknown as Client;
}

function failed(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Failed to do it', { cause });
}
