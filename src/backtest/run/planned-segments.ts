/** The stages of a plan, as something to watch. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { Arrangement, Experiment } from '../../plan/compiled/step.js';

/** What must be over before the share changes. */
export type Task = { kind: 'bake'; seconds: number } | Experiment;

export interface Leg {
  /** The plan's; null: the plan has no such stage. */
  stage: number | null;
  /** The candidate's, in percent. */
  share: number;
  arrangement: Arrangement;
  task: Task;
}

/** In the plan's order. */
export function legsOf({ steps }: Plan): Leg[] {
  const legs: Leg[] = [];
  let arrangement: Arrangement = { kind: 'beside' };
  let share = 0;
  for (const step of steps) {
    if (step.kind === 'deploy') arrangement = step.arrangement;
    if (step.kind === 'setWeights') share = step.weights.candidate;
    if (step.kind === 'bake' || step.kind === 'experiment')
      legs.push({ stage: step.stage, share, arrangement, task: step });
  }
  return legs;
}
