import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { wantTemporalCli } from '../../src/servers/dev-server-program.js';
import { Unavailable } from '../../src/servers/find-program.js';
import { sdkDownload } from '../../src/servers/sdk-download.js';
import { verifyJars, wantTestServer } from '../../src/servers/test-server-program.js';
import { runTool } from '../../src/servers/run-tool.js';

/** Runs `work` with environment variables, and restores them. */
async function withEnvironment<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

describe('sources of the servers', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('sources of the servers: order -> that of the documentation', async () => {
    const [cli, test] = [await wantTemporalCli(), await wantTestServer()];
    const download = `the Temporal SDK's download`;
    assert.deepEqual(
      cli.sources.map(({ label }) => label),
      [download, 'built from its Go module'],
    );
    assert.deepEqual(
      test.sources.map(({ label }) => label),
      [download, 'run with Java, from Maven'],
    );
  });

  it('sources of the servers: missing tools -> Unavailable with the reason', async () => {
    const [, go] = (await wantTemporalCli()).sources;
    const [, maven] = (await wantTestServer()).sources;
    await withEnvironment({ PATH: folder }, async () => {
      await assert.rejects(go!.make(folder), new Unavailable('go is not on PATH'));
      await assert.rejects(maven!.make(folder), new Unavailable('mvn is not on PATH'));
    });
  });

  it('sdkDownload: no response in time -> Unavailable', async () => {
    const callers: Socket[] = [];
    const silent = createServer((caller) => callers.push(caller)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const proxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const variables = { HTTPS_PROXY: proxy, https_proxy: proxy, PENSTOCK_DOWNLOAD_TIMEOUT: '2' };
    try {
      const source = await sdkDownload('dev', 'temporal');
      await withEnvironment(variables, () =>
        assert.rejects(source.make(folder), new Unavailable('no response within 2 s')),
      );
    } finally {
      silent.close();
      callers.forEach((caller) => caller.destroy());
    }
  });

  it('verifyJars: changed, missing or unknown JAR -> Unavailable with the names', async () => {
    const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const pinned = `${emptyHash}  a.jar\n${emptyHash}  b.jar\n`;
    await writeFile(path.join(folder, 'a.jar'), '');
    await writeFile(path.join(folder, 'b.jar'), '');
    await verifyJars(folder, pinned);
    await writeFile(path.join(folder, 'b.jar'), 'changed');
    await writeFile(path.join(folder, 'c.jar'), '');
    await assert.rejects(
      verifyJars(folder, pinned),
      new Unavailable('checksums differ from the pinned ones: b.jar, c.jar'),
    );
    await rm(path.join(folder, 'a.jar'));
    await assert.rejects(
      verifyJars(folder, pinned),
      new Unavailable('checksums differ from the pinned ones: a.jar, b.jar, c.jar'),
    );
  });

  it('runTool: failing tool -> Unavailable with its last output', async () => {
    await assert.rejects(
      runTool('/bin/sh', ['-c', 'echo to stdout; echo the reason >&2; exit 3']),
      new Unavailable('the reason'),
    );
    await assert.rejects(runTool('/bin/sh', ['-c', 'exit 3']), new Unavailable('/bin/sh ended with 3'));
  });
});
