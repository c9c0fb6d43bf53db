/**
 * A worker is suspended in the middle of an activity, like a suspended machine. Another worker finishes the rollout. Then
 * the first worker resumes.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/dev-server.js';
import { ignoreNoWorker, WorkerKillEnvironment } from './worker-kill-environment.js';
import { ScenarioRun } from './run-scenario.js';
import { isBaking, lasting } from './scenarios.js';

const ben = { actor: 'ben', reason: 'a test' };

export function runSuspended(): Promise<void> {
  return WorkerKillEnvironment.run(async (environment) => {
    const { emulator, rollouts } = environment.e2e;
    const suspended = await environment.startWorker();
    const start = await ScenarioRun.prepare({ ...lasting, name: 'suspended' }, environment, 'suspended');
    // The worker knows that the config does not exist, and is about to create it and to update the endpoint.
    const config = { EndpointConfigName: 'suspended-*-ab' };
    emulator.faults.add({ operation: 'DescribeEndpointConfig', kind: 'holdResponse', match: config, nth: 2 });
    const run = await start();
    while (emulator.held.list().length === 0) await delay(50);
    suspended.signal('SIGSTOP');
    const successor = await environment.startWorker();
    await run.until(isBaking);
    await rollouts.abort('suspended', ben);
    await run.rollout.expectOutcome('aborted');
    await run.rollout.assertOriginal();
    const effects = run.effects();
    await successor.kill();
    emulator.held.release();
    suspended.signal('SIGCONT');
    // A response to the query proves that the worker runs again: it is the only worker.
    await eventually(() => rollouts.timeline('suspended').catch(ignoreNoWorker));
    await delay(2_000);
    assert.deepEqual(run.effects(), effects);
    await run.rollout.assertOriginal();
    await suspended.kill();
  });
}
