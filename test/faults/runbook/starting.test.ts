/** What people are told who reach no rollout, no worker or no Temporal: as the runbook has it. */
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
  assert.ok(error instanceof Error, 'it went well');
  return error.message;
}

/** A server that answers about search attributes as it is told. */
function registrar(listSearchAttributes: () => Promise<unknown>): Client {
  const connection = { operatorService: { listSearchAttributes } };
  return { options: { namespace: 'churn-prod' }, connection } as unknown as Client;
}

describe('whoever reaches no rollout, as the runbook has it,', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('is told that there is none, or no worker', async () => {
    const rollouts = new RolloutClient((await devServer()).client, { answerSeconds: 5 });
    assertRunbookEntry(await messageOf(() => rollouts.get('unheard-of')), 'There is no rollout of churn');
    await rollouts.start({ apiVersion: 'penstock/v1', endpoint: 'unattended' }, { startedBy: 'ana' });
    assertRunbookEntry(await messageOf(() => rollouts.get('unattended')), 'No worker answers for churn');
    await (await devServer()).client.workflow.getHandle('rollout:unattended').terminate();
  });

  it('is told that Temporal does not answer, refuses, or is not said rightly', async () => {
    const address = `127.0.0.1:${await getPort()}`;
    assertRunbookEntry(
      await messageOf(() => RolloutClient.connect({ address })),
      'Temporal does not answer at ...',
    );
    const { connection } = (await devServer()).client;
    const elsewhere = new RolloutClient(new Client({ connection, namespace: 'nowhere' }));
    assertRunbookEntry(
      await messageOf(() => elsewhere.get('churn')),
      'Temporal at ..., namespace ..., refuses: ...',
    );
    const env = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };
    const settings = () => Promise.resolve().then(() => readConnectionSettings({ env, profile: 'prod' }));
    assertRunbookEntry(await messageOf(settings), 'The Temporal settings (...) cannot be used: ...');
  });

  it('is told how to set up a namespace by hand', async () => {
    const denied = Object.assign(new Error('denied'), { code: 7, details: 'not authorized', metadata: {} });
    const refused = registrar(() => Promise.reject(new ServiceError('refused', { cause: denied })));
    assertRunbookEntry(
      await messageOf(() => registerAttributes(refused)),
      'Temporal does not let this client register search attributes in ...',
    );
    const taken = registrar(() => Promise.resolve({ customAttributes: { RolloutPhase: 3 } }));
    assertRunbookEntry(
      await messageOf(() => registerAttributes(taken)),
      'Search attribute X exists in Y with another type: ...',
    );
  });
});
