/** Rollouts that watch for a long time, in many runs. */
import type { Plan } from '../../../src/plan/compiled/plan.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import type { TimelineEntry } from '../../../src/workflows/messages.js';
import { FakeActivities } from '../fake-activities.js';

/** Number of continue-as-new in a rollout. */
export function countNewRuns(timeline: TimelineEntry[]): number {
  return timeline.filter(({ message }) => message.startsWith('continues as new')).length;
}

/** A rollout whose bake lasts `seconds`. */
export function watchingWorld(change: Partial<Plan> = {}, seconds = 3_600): FakeActivities {
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
    { kind: 'bake', stage: 1, seconds },
    { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
  ];
  const world = new FakeActivities({ steps, ...change });
  world.pollInterval = '500ms';
  world.reports.push(({ mode, roundEnds, since, bakeSeconds }, now) => {
    if (mode === 'final') return {};
    if (mode === 'bake' && now >= Date.parse(since) + bakeSeconds * 1000) return {};
    return now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' };
  });
  return world;
}
