import assert from 'node:assert/strict';
import { startTestServer } from '../../src/servers/test-server.js';

const dayMs = 86_400_000;

describe('startTestServer', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('startTestServer: a server on loopback that skips time, and its description', async () => {
    const lines: string[] = [];
    const environment = await startTestServer({ log: (line) => lines.push(line) });
    try {
      assert.match(environment.address, /^127\.0\.0\.1:\d+$/);
      const before = await environment.currentTimeMs();
      await environment.sleep(30 * dayMs);
      assert.ok((await environment.currentTimeMs()) - before >= 30 * dayMs);
      assert.match(lines.at(-1) ?? '', /^time-skipping test server on 127/);
    } finally {
      await environment.teardown();
    }
  });

  it('startTestServer: search attributes of rollouts -> registered', async () => {
    const environment = await startTestServer({ log: () => undefined });
    try {
      const start = (workflowId: string, searchAttributes: Record<string, string[] | number[]>) =>
        environment.client.workflow.start('none', { taskQueue: 'none', workflowId, searchAttributes });
      await assert.rejects(start('unknown', { Unknown: ['x'] }), { name: 'ServiceError' });
      await start('known', { RolloutEndpoint: ['digits'], RolloutCandidateWeight: [0.5] });
    } finally {
      await environment.teardown();
    }
  });
});
