import assert from 'node:assert/strict';
import { KillStage } from './worker-kill-environment.js';
import { Play, type Course } from './run-scenario.js';
import type { Story } from './run-scenario.js';

/** Its worker is killed as soon as the history has so many events. */
export function playKilledAt(story: Story, event: number): Promise<Course> {
  return KillStage.play(async (stage) => {
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
