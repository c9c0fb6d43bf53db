import assert from 'node:assert/strict';
import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play, type RunRecord } from './run-scenario.js';
import type { Scenario } from './run-scenario.js';

/** Its worker is killed as soon as the history has so many events. */
export function playKilledAt(story: Scenario, event: number): Promise<RunRecord> {
  return WorkerKillEnvironment.play(async (stage) => {
    const worker = await stage.startWorker();
    const start = await Play.prepare(story, stage, `${story.name}-${event}`);
    const play = await start();
    const course = play.course();
    course.catch(() => undefined);
    const events = await play.untilEvent(event);
    if (events < event) assert.fail(`it ended after ${events} events: ${JSON.stringify(await course)}`);
    await worker.kill();
    await stage.startWorker();
    return course;
  }, story.durations);
}
