/** Messages for a caller who reaches no rollout, no worker or no Temporal, compared with the runbook. */
import assert from 'node:assert/strict';
import { Client, ServiceError } from '@temporalio/client';
import getPort from 'get-port';
import { readConnectionSettings, RolloutClient } from '../../../src/client.js';
import { registerAttributes } from '../../../src/client/temporal/search-attributes.js';
import { devServer } from '../../support/dev-server.js';
import { assertRunbookEntry } from '../../support/runbook.js';

async function messageOf(attempt: () => Promise<unknown>): Promise<string> {
  const error: unknown = await attempt().then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof Error, 'the call succeeded');
  return error.message;
}

/** A client whose server answers only `listSearchAttributes`. */
function attributesClient(listSearchAttributes: () => Promise<unknown>): Client {
  const connection = { operatorService: { listSearchAttributes } };
  return { options: { namespace: 'churn-prod' }, connection } as unknown as Client;
}

describe('messages of the client', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('client: no rollout or no worker -> error with that message', async () => {
    const rollouts = new RolloutClient((await devServer()).client, { answerSeconds: 5 });
    assertRunbookEntry(await messageOf(() => rollouts.get('unheard-of')), 'There is no rollout of churn');
    await rollouts.start({ apiVersion: 'penstock/v1', endpoint: 'unattended' }, { startedBy: 'ana' });
    assertRunbookEntry(await messageOf(() => rollouts.get('unattended')), 'No worker responds for churn');
    await (await devServer()).client.workflow.getHandle('rollout:unattended').terminate();
  });

  it('client: Temporal unreachable, request rejected or settings invalid -> error with that message', async () => {
    const address = `127.0.0.1:${await getPort()}`;
    assertRunbookEntry(
      await messageOf(() => RolloutClient.connect({ address })),
      'Cannot reach Temporal at ...',
    );
    const { connection } = (await devServer()).client;
    const elsewhere = new RolloutClient(new Client({ connection, namespace: 'nowhere' }));
    assertRunbookEntry(
      await messageOf(() => elsewhere.get('churn')),
      'Temporal at ..., namespace ..., rejected the request: ...',
    );
    const env = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };
    const settings = () => Promise.resolve().then(() => readConnectionSettings({ env, profile: 'prod' }));
    assertRunbookEntry(await messageOf(settings), 'Invalid Temporal settings (...): ...');
  });

  it('waves client: waves that run, were terminated or do not exist -> error with that message', async () => {
    const { client } = await devServer();
    const { waves } = new RolloutClient(client, { answerSeconds: 5 });
    const spec = { apiVersion: 'penstock/v1', name: 'unattended-waves' };
    const { workflowId } = await waves.start(spec, { startedBy: 'ana' });
    assertRunbookEntry(
      await messageOf(() => waves.start(spec, { startedBy: 'ana' })),
      'Waves X are already running (...), ...',
    );
    await client.workflow.getHandle(workflowId).terminate('a test');
    assertRunbookEntry(await messageOf(() => waves.wait(spec.name)), 'Waves X ended abnormally (...)');
    assertRunbookEntry(await messageOf(() => waves.get('nowhere')), 'There are no waves X');
  });

  it('setup: search attributes denied or of another type -> error with the next step', async () => {
    const denied = Object.assign(new Error('denied'), { code: 7, details: 'not authorized', metadata: {} });
    const deniedClient = attributesClient(() =>
      Promise.reject(new ServiceError('denied', { cause: denied })),
    );
    assertRunbookEntry(
      await messageOf(() => registerAttributes(deniedClient)),
      'Cannot register search attributes in ...',
    );
    const conflictingClient = attributesClient(() =>
      Promise.resolve({ customAttributes: { RolloutPhase: 3 } }),
    );
    assertRunbookEntry(
      await messageOf(() => registerAttributes(conflictingClient)),
      'Cannot register search attribute X in Y: it exists with another type; ...',
    );
  });
});
