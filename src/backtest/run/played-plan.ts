/** The plan that the workflow executes in a backtest. */
import type { ModelPlan } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape, Step } from '../../plan/compiled/step.js';
import { remainderOf } from '../../plan/units/percents.js';
import type { RecordedSegment } from './recorded-segments.js';

/** A recorded segment, and whether the endpoint is deployed again for it. */
interface RecordedStage {
  segment: RecordedSegment;
  deploys: boolean;
}

/** The stages of the plan, without what a recording does not contain: people, models that are made, instances. */
export function playedPlan(plan: Plan): Plan {
  const { steps, models, serve, rollbackWindow } = plan;
  return {
    ...plan,
    models: { baseline: existing(models.baseline), candidate: existing(models.candidate) },
    registration: null,
    validation: null,
    serve: { ...serve, capacity: 'full' },
    steps: steps.filter(({ kind }) => kind !== 'gate' && kind !== 'validate'),
    rollbackWindow: rollbackWindow && { ...rollbackWindow, baseline: 'warm' },
    freeze: [],
    notify: [],
  };
}

/**
 * The stages of the data: stage n is the n-th segment. The calendar keeps the rollout at a stage until the recorded
 * rollout continued. If the recorded rollout continued before, the rollout adopts its weights.
 */
export function playedRecording(plan: Plan, segments: RecordedSegment[]): Plan {
  const always = { zone: 'UTC', kind: 'once', from: '1970-01-01T00:00', to: '9999-12-31T00:00' } as const;
  const steps = stagesOf(segments).flatMap(({ segment, deploys }) =>
    stepsOf(segment, segments.indexOf(segment) + 1, deploys),
  );
  // Without a stage that ends the plan, the next one is after the end of the data.
  const beyond: Step = {
    kind: 'setWeights',
    stage: segments.length + 1,
    weights: { baseline: 0, candidate: 100 },
  };
  return {
    ...playedPlan(plan),
    steps: segments.some(({ isLast }) => isLast) ? steps : [...steps, beyond],
    freeze: [always],
    drift: 'adopt',
  };
}

/** Whether the n-th stage begins with a deployment. */
export function deploysAt(segments: RecordedSegment[], n: number): boolean {
  const segment = segments[n - 1];
  return stagesOf(segments).some((stage) => stage.segment === segment && stage.deploys);
}

/** Up to the segment that ends the plan. A change of weights within an experiment is no stage. */
function stagesOf(segments: RecordedSegment[]): RecordedStage[] {
  const end = segments.findIndex(({ isLast }) => isLast);
  const stages = segments.slice(0, end === -1 ? undefined : end + 1).filter(({ continues }) => !continues);
  return stages.map((segment, i) => ({
    segment,
    deploys: !isSameShape(segment.arrangement, stages[i - 1]?.arrangement ?? null),
  }));
}

function stepsOf({ arrangement, share, task }: RecordedSegment, stage: number, deploys: boolean): Step[] {
  const weights = { baseline: remainderOf(share), candidate: share };
  return [
    ...(deploys ? [{ kind: 'deploy' as const, stage, arrangement }] : []),
    ...(arrangement.kind === 'shadow' ? [] : [{ kind: 'setWeights' as const, stage, weights }]),
    // The recorded shares are those of the bandit.
    task.kind === 'bake' ? { ...task, stage } : { ...task, stage, adapt: null },
  ];
}

function isSameShape(a: DeploymentShape, b: DeploymentShape | null): boolean {
  return b !== null && a.kind === b.kind;
}

/** The recorded models exist. */
function existing(model: ModelPlan): ModelPlan {
  return 'modelName' in model ? { kind: 'model', modelName: model.modelName } : model;
}
