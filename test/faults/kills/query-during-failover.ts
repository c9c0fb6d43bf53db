/**
 * A rollout that is asked while its worker is gone. Temporal keeps a question for the dead worker for a while, then gives
 * it to another one, with all that has happened since, and before the work that follows from it. The history must be one
 * that a third worker can go on with all the same.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { assertReplays } from '../../support/replay.js';
import { ignoreNoWorker, WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play } from './run-scenario.js';
import { lasting } from './scenarios.js';

const ben = { actor: 'ben', reason: 'a test' };
/** The time that passes meanwhile is shorter, and Temporal prefers a dead worker for longer. */
const commandAfterMs = 7_000;

export function playQuestioned(): Promise<void> {
  return WorkerKillEnvironment.play(async (killStage) => {
    const { rollouts, temporal } = killStage.stage;
    const worker = await killStage.startWorker();
    const start = await Play.prepare({ ...lasting, name: 'questioned' }, killStage, 'questioned');
    const play = await start();
    await play.untilTimer();
    await worker.kill();
    const commanded = delay(commandAfterMs).then(() => rollouts.pause('questioned', ben));
    const asked = rollouts.get('questioned').catch(ignoreNoWorker);
    await killStage.startWorker();
    await Promise.all([asked, commanded]);
    await rollouts.abort('questioned', ben);
    await play.rollout.expectOutcome('aborted');
    await assertReplays(temporal.workflow.getHandle('rollout:questioned'));
  });
}
