import assert from 'node:assert/strict';
import { Connection } from '@temporalio/client';
import getPort from 'get-port';
import {
  InvalidConnectionSettings,
  readConnectionSettings,
  RolloutClient,
  TemporalUnreachable,
} from '../../../src/client.js';
import { openClient } from '../../../src/client/temporal/connection.js';
import { devServer } from '../../support/dev-server.js';

describe('readConnectionSettings', () => {
  const noFile = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

  it('readConnectionSettings: nothing set -> a server on this machine', () => {
    const { address, namespace } = readConnectionSettings({ env: noFile });
    assert.deepEqual([address, namespace], ['127.0.0.1:7233', 'default']);
  });

  it('readConnectionSettings: TEMPORAL_API_KEY -> TLS is on', () => {
    const { address, namespace, connectionOptions } = readConnectionSettings({
      env: {
        ...noFile,
        TEMPORAL_ADDRESS: 'eu.example:7233',
        TEMPORAL_NAMESPACE: 'ml.acme',
        TEMPORAL_API_KEY: 'key',
      },
    });
    assert.deepEqual([address, namespace], ['eu.example:7233', 'ml.acme']);
    assert.equal(connectionOptions.apiKey, 'key');
    assert.equal(connectionOptions.tls, true);
  });

  it('readConnectionSettings: arguments and environment -> arguments', () => {
    const env = { ...noFile, TEMPORAL_ADDRESS: 'a:1', TEMPORAL_NAMESPACE: 'a' };
    const settings = readConnectionSettings({ env, address: 'b:2', namespace: 'b' });
    assert.deepEqual([settings.address, settings.namespace], ['b:2', 'b']);
    assert.equal(settings.connectionOptions.address, 'b:2');
  });

  it('readConnectionSettings: unknown profile -> InvalidConnectionSettings', () => {
    assert.throws(() => readConnectionSettings({ env: noFile, profile: 'prod' }), InvalidConnectionSettings);
  });
});

describe('openClient', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('openClient: outage -> reconnects at most every second', async () => {
    const { connection } = await openClient({ address: (await devServer()).address });
    try {
      assert.ok(connection instanceof Connection);
      assert.equal(connection.options.channelArgs?.['grpc.max_reconnect_backoff_ms'], 1_000);
    } finally {
      await connection.close();
    }
  });
});

describe('RolloutClient.connect', () => {
  it('RolloutClient.connect: no server -> TemporalUnreachable with the address and the settings to check', async () => {
    const address = `127.0.0.1:${await getPort()}`;
    await assert.rejects(RolloutClient.connect({ address }), (error) => {
      assert.ok(error instanceof TemporalUnreachable);
      assert.equal(error.address, address);
      assert.match(error.message, /TEMPORAL_ADDRESS or --address/);
      return true;
    });
  });
});
