/** The stages of a plan, as something to watch. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape, Experiment } from '../../plan/compiled/step.js';

/** What must be over before the share changes. */
export type Task = { kind: 'bake'; seconds: number } | Experiment;

export interface PlannedSegment {
  /** The plan's; null: the plan has no such stage. */
  stage: number | null;
  /** The candidate's, in percent. */
  share: number;
  arrangement: DeploymentShape;
  task: Task;
}

/** In the plan's order. */
export function plannedSegmentsOf({ steps }: Plan): PlannedSegment[] {
  const legs: PlannedSegment[] = [];
  let arrangement: DeploymentShape = { kind: 'sideBySide' };
  let share = 0;
  for (const step of steps) {
    if (step.kind === 'deploy') arrangement = step.arrangement;
    if (step.kind === 'setWeights') share = step.weights.candidate;
    if (step.kind === 'bake' || step.kind === 'experiment')
      legs.push({ stage: step.stage, share, arrangement, task: step });
  }
  return legs;
}
