import { KillStage } from './worker-kill-environment.js';
import { Play, type Course } from './run-scenario.js';
import type { Story } from './run-scenario.js';

/** How a story goes where nobody is killed. */
export interface Undisturbed {
  course: Course;
  events: number;
}

/** All of them at once, with one worker. The stories have the same durations. */
export function playUndisturbed(stories: Story[]): Promise<Map<Story, Undisturbed>> {
  return KillStage.play(async (stage) => {
    await stage.startWorker();
    const courses = stories.map(async (story): Promise<[Story, Undisturbed]> => {
      const start = await Play.prepare(story, stage, `${story.name}-calm`);
      const play = await start();
      return [story, { course: await play.course(), events: await play.untilEvent(Infinity) }];
    });
    return new Map(await Promise.all(courses));
  }, stories[0]?.durations);
}
