/**
 * A client queries a rollout whose worker is dead. Temporal keeps the query for the dead worker for a while. Then another
 * worker gets it, together with all events since, and before the workflow task for these events. The history must still
 * replay on a third worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { assertReplays } from '../../support/replay.js';
import { ignoreNoWorker, WorkerKillEnvironment } from './worker-kill-environment.js';
import { ScenarioRun } from './run-scenario.js';
import { lasting } from './scenarios.js';

const ben = { actor: 'ben', reason: 'a test' };
/** Later than the rollout's timer, and earlier than Temporal stops preferring the dead worker. */
const commandAfterMs = 7_000;

export function runQueriedDuringFailover(): Promise<void> {
  return WorkerKillEnvironment.run(async (environment) => {
    const { rollouts, temporal } = environment.e2e;
    const worker = await environment.startWorker();
    const start = await ScenarioRun.prepare({ ...lasting, name: 'queried' }, environment, 'queried');
    const run = await start();
    await run.waitForTimer();
    await worker.kill();
    const commanded = delay(commandAfterMs).then(() => rollouts.pause('queried', ben));
    const queried = rollouts.get('queried').catch(ignoreNoWorker);
    await environment.startWorker();
    await Promise.all([queried, commanded]);
    await rollouts.abort('queried', ben);
    await run.rollout.expectOutcome('aborted');
    await assertReplays(temporal.workflow.getHandle('rollout:queried'));
  });
}
