import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveWaves } from '../../src/client.js';
import { RolloutUnderTest } from './rollout-under-test.js';
import { specOf } from './specs.js';
import { E2eEnvironment } from './e2e-environment.js';

const endpoints = ['calm', 'alarmed'];
const name = 'both';

/** The alarm of `alarmed` fires. Both endpoints get the same model. */
const spec = {
  apiVersion: 'penstock/v1',
  name,
  waves: endpoints.map((endpoint) => [endpoint]),
  onFailure: 'rollBack',
  models: { baseline: 'live', candidate: { model: 'calm-2' } },
  serve: specOf('calm')['serve'],
  strategy: specOf('calm')['strategy'] as object,
  guardrails: [{ alarm: '{endpoint}-5xx' }],
  rollbackWindow: '10m',
};

describe('waves on a real Temporal server and emulated AWS', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let environment: E2eEnvironment;

  before(async () => {
    environment = await E2eEnvironment.open('waves');
    await environment.startWorker();
  });
  after(() => environment?.close());

  async function until(condition: (status: LiveWaves) => boolean): Promise<void> {
    for (let tries = 0; tries < 2_000; tries++) {
      const status = await environment.rollouts.waves.get(name);
      if (condition(status)) return;
      assert.notEqual(status.phase, 'ended', JSON.stringify(status, null, 1));
      await delay(300);
    }
    assert.fail(JSON.stringify(await environment.rollouts.waves.timeline(name), null, 1));
  }

  it('waves: alarm of the second endpoint fires -> first endpoint is undone in its rollback window', async () => {
    for (const endpoint of endpoints) {
      await environment.putLive(endpoint);
      await environment.putAlarm(`${endpoint}-5xx`);
    }
    await environment.rollouts.waves.start(spec, { startedBy: 'ana' });
    await until(({ rollouts }) => rollouts[1]?.phase === 'baking');
    await environment.setAlarm('alarmed-5xx', 'ALARM');
    const result = await environment.rollouts.waves.wait(name);
    assert.equal(result.outcome, 'rolledBack', JSON.stringify(result, null, 1));
    assert.deepEqual(
      result.rollouts.map(({ outcome, serving }) => [outcome, serving]),
      [
        ['aborted', 'calm-1'],
        ['rolledBack', 'alarmed-1'],
      ],
    );
    assert.match(result.rollouts[0]?.reason ?? '', /undone by waves:both: not promoted: alarmed/);
    for (const endpoint of endpoints)
      await new RolloutUnderTest(environment, endpoint, 'not-read-1a2b3c4d').assertOriginal();
  });
});
