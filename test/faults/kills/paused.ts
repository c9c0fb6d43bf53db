/**
 * A worker that stands still in the middle of an activity, as a suspended machine does, until another one has done all
 * that there was to do and the rollout is over. Then it goes on where it was.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/dev-server.js';
import { ignoreNoWorker, WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play } from './run-scenario.js';
import { isBaking, lasting } from './scenarios.js';

const ben = { actor: 'ben', reason: 'a test' };

export function playPaused(): Promise<void> {
  return WorkerKillEnvironment.play(async (killStage) => {
    const { emulator, rollouts } = killStage.stage;
    const sleeper = await killStage.startWorker();
    const start = await Play.prepare({ ...lasting, name: 'paused' }, killStage, 'paused');
    // It has seen that there is no config yet, and is about to make it and to move the endpoint onto it.
    const config = { EndpointConfigName: 'paused-*-ab' };
    emulator.faults.add({ operation: 'DescribeEndpointConfig', kind: 'holdResponse', match: config, nth: 2 });
    const play = await start();
    while (emulator.held.list().length === 0) await delay(50);
    sleeper.signal('SIGSTOP');
    const successor = await killStage.startWorker();
    await play.until(isBaking);
    await rollouts.abort('paused', ben);
    await play.rollout.expectOutcome('aborted');
    await play.rollout.assertOriginal();
    const effects = play.effects();
    await successor.kill();
    emulator.held.release();
    sleeper.signal('SIGCONT');
    // Nobody else is there to answer: it is awake.
    await eventually(() => rollouts.timeline('paused').catch(ignoreNoWorker));
    await delay(2_000);
    assert.deepEqual(play.effects(), effects);
    await play.rollout.assertOriginal();
    await sleeper.kill();
  });
}
