import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConnectionSettings } from '../../src/client.js';
import { openClient } from '../../src/client/temporal/connection.js';

describe('Temporal API key and TLS', () => {
  let folder: string;
  let config: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'penstock-test-'));
    config = join(folder, 'temporal.toml');
    await writeFile(join(folder, 'client.key'), 'the key');
    await writeFile(
      config,
      `
[profile.cloud]
address = "ml.acme.tmprl.cloud:7233"
namespace = "ml.acme"
api_key = "key-of-the-profile"

[profile.mtls]
address = "temporal.acme.example:7233"
[profile.mtls.tls]
server_name = "frontend"
client_cert_data = "the certificate"
client_key_path = ${JSON.stringify(join(folder, 'client.key'))}
server_ca_cert_data = "the authority"
`,
    );
  });
  after(() => rm(folder, { recursive: true }));

  const none = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

  it('readConnectionSettings: profile with an API key -> TLS is on', () => {
    const settings = readConnectionSettings({ env: { TEMPORAL_CONFIG_FILE: config }, profile: 'cloud' });
    const { address, namespace, connectionOptions } = settings;
    assert.deepEqual([address, namespace], ['ml.acme.tmprl.cloud:7233', 'ml.acme']);
    assert.equal(connectionOptions.apiKey, 'key-of-the-profile');
    assert.equal(connectionOptions.tls, true);
  });

  it('readConnectionSettings: profile with a certificate -> mTLS', () => {
    const env = { TEMPORAL_CONFIG_FILE: config, TEMPORAL_PROFILE: 'mtls' };
    assertTls(readConnectionSettings({ env }).connectionOptions.tls);
  });

  it('readConnectionSettings: TEMPORAL_TLS_* -> mTLS', () => {
    const env = {
      ...none,
      TEMPORAL_TLS_SERVER_NAME: 'frontend',
      TEMPORAL_TLS_CLIENT_CERT_DATA: 'the certificate',
      TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, 'client.key'),
      TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'the authority',
    };
    assertTls(readConnectionSettings({ env }).connectionOptions.tls);
  });

  it('openClient: API key -> sent with each call', async () => {
    const seen: (string | undefined)[] = [];
    const sessions = new Set<ServerHttp2Session>();
    const server = createServer().on('session', (session) => sessions.add(session));
    server.on('stream', (stream, headers) => {
      seen.push(headers.authorization);
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' },
        { endStream: true },
      );
    });
    const address = await listenOn(server);
    const env = { ...none, TEMPORAL_API_KEY: 'key-of-the-environment', TEMPORAL_TLS: 'false' };
    await assert.rejects(openClient({ address, env }), { name: 'TemporalUnreachable' });
    assert.ok(seen.length > 0);
    assert.deepEqual([...new Set(seen)], ['Bearer key-of-the-environment']);
    for (const session of sessions) session.destroy();
    server.close();
  });
});

async function listenOn(server: Http2Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function assertTls(tls: ReturnType<typeof readConnectionSettings>['connectionOptions']['tls']): void {
  assert.ok(typeof tls === 'object' && tls !== null);
  const { serverNameOverride, clientCertPair, serverRootCACertificate } = tls;
  assert.equal(serverNameOverride, 'frontend');
  const texts = [clientCertPair?.crt, clientCertPair?.key, serverRootCACertificate].map((bytes) =>
    Buffer.from(bytes ?? []).toString(),
  );
  assert.deepEqual(texts, ['the certificate', 'the key', 'the authority']);
}
