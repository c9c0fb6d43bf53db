import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play, type RunRecord } from './run-scenario.js';
import type { Scenario } from './run-scenario.js';

/** How a story goes where nobody is killed. */
export interface Undisturbed {
  course: RunRecord;
  events: number;
}

/** All of them at once, with one worker. The stories have the same durations. */
export function playUndisturbed(stories: Scenario[]): Promise<Map<Scenario, Undisturbed>> {
  return WorkerKillEnvironment.play(async (stage) => {
    await stage.startWorker();
    const courses = stories.map(async (story): Promise<[Scenario, Undisturbed]> => {
      const start = await Play.prepare(story, stage, `${story.name}-calm`);
      const play = await start();
      return [story, { course: await play.course(), events: await play.untilEvent(Infinity) }];
    });
    return new Map(await Promise.all(courses));
  }, stories[0]?.durations);
}
