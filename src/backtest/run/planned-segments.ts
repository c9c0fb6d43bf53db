/** The watched segments of a plan. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape, Experiment } from '../../plan/compiled/step.js';

/** The bake or experiment that must end before the share changes. */
export type Task = { kind: 'bake'; seconds: number } | Experiment;

export interface PlannedSegment {
  /** Stage of the plan. Null: the plan has no such stage. */
  stage: number | null;
  /** The candidate's share in percent. */
  share: number;
  arrangement: DeploymentShape;
  task: Task;
}

/** In the plan's order. */
export function plannedSegmentsOf({ steps }: Plan): PlannedSegment[] {
  const segments: PlannedSegment[] = [];
  let arrangement: DeploymentShape = { kind: 'sideBySide' };
  let share = 0;
  for (const step of steps) {
    if (step.kind === 'deploy') arrangement = step.arrangement;
    if (step.kind === 'setWeights') share = step.weights.candidate;
    if (step.kind === 'bake' || step.kind === 'experiment')
      segments.push({ stage: step.stage, share, arrangement, task: step });
  }
  return segments;
}
