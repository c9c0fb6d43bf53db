import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { startDevServer, type TemporalServer } from '../../src/servers/dev-server.js';
import { waitUntilGone } from '../processes/liveness.js';

const quiet = { log: () => undefined };

async function readAttributes({ address, namespace }: TemporalServer): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(customAttributes).filter((name) => name.startsWith('Rollout'));
  } finally {
    await connection.close();
  }
}

describe('startDevServer', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('startDevServer: ui -> a server with search attributes and the Web UI, which stops', async () => {
    const server = await startDevServer({ ui: true, ...quiet });
    try {
      assert.match(server.address, /^127\.0\.0\.1:\d+$/);
      assert.deepEqual((await readAttributes(server)).sort(), [
        'RolloutCandidateWeight',
        'RolloutEndpoint',
        'RolloutOutcome',
        'RolloutPhase',
        'RolloutStrategy',
      ]);
      assert.equal((await fetch(server.uiUrl!)).status, 200);
    } finally {
      await server.stop();
    }
    await assert.rejects(fetch(server.uiUrl!));
  });

  it('startDevServer: default ports in use -> other ports', async () => {
    const blockers = [7233, 8233].map((port) => createServer().listen(port, '127.0.0.1'));
    // A port that another process uses is just as good.
    await Promise.allSettled(blockers.map((each) => once(each, 'listening')));
    try {
      const server = await startDevServer({ ui: true, ...quiet });
      await server.stop();
      assert.ok(!server.address.endsWith(':7233') && !server.uiUrl!.endsWith(':8233'), server.description);
    } finally {
      blockers.forEach((each) => each.close());
    }
  });

  it('startDevServer: dbFilename -> data survives a restart', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    try {
      for (let start = 0; start < 2; start++) {
        const server = await startDevServer({ dbFilename: `${folder}/temporal.db`, ...quiet });
        assert.equal((await readAttributes(server)).length, 5);
        await server.stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('startDevServer: server cannot start -> error with its output', async () => {
    await assert.rejects(
      startDevServer({ dbFilename: '/nonexistent/folder/temporal.db', ...quiet }),
      /the Temporal dev server on 127.0.0.1:\d+ exited immediately: .*nonexistent/,
    );
  });

  it('startDevServer: TEMPORAL_ADDRESS is set -> uses that server', async () => {
    process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1';
    process.env['TEMPORAL_NAMESPACE'] = 'shop';
    try {
      const server = await startDevServer(quiet);
      assert.deepEqual([server.address, server.namespace, server.uiUrl], ['127.0.0.1:1', 'shop', null]);
      assert.match(server.description, /TEMPORAL_ADDRESS/);
      await server.stop();
    } finally {
      delete process.env['TEMPORAL_ADDRESS'];
      delete process.env['TEMPORAL_NAMESPACE'];
    }
  });
});

describe('servers of a killed process', function () {
  this.timeout(900_000);

  for (const kind of ['dev', 'test']) {
    it(`${kind} server: its process is killed -> the server ends`, async () => {
      const program = fileURLToPath(new URL('./owner.ts', import.meta.url));
      const owner = spawn(process.execPath, ['--import', 'tsx', program, kind], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
      const pid = Number(line);
      process.kill(pid, 0);
      owner.kill('SIGKILL');
      await waitUntilGone(pid);
    });
  }
});
