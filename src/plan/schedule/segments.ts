/** The parts of a rollout in order, each with its minimum and maximum duration. */
import { activityTimeouts, trainingLimitSeconds } from './timeouts.js';
import { formatDuration } from '../units/durations.js';
import { formatPercent } from '../units/percents.js';
import { isMade, type ModelPlan } from '../compiled/model-plan.js';
import type { Plan } from '../compiled/plan.js';
import { startsSecondFleet } from '../compiled/second-fleet.js';
import type { Step } from '../compiled/step.js';
import { stepDurationOf, windowTimes } from './step-times.js';

export type SegmentKind =
  | 'preflight'
  | 'training'
  | 'registering'
  | 'deploying'
  | 'validating'
  | 'step'
  | 'promotion'
  | 'rollbackWindow';

export interface ScheduleSegment {
  kind: SegmentKind;
  /** For people, e.g. `step 2 of 5: 5%, watched for 30m`. */
  label: string;
  /** Null except for steps. */
  stage: number | null;
  /** The candidate's share in percent. Null except for steps. */
  share: number | null;
  minSeconds: number;
  /** Null: no limit. */
  maxSeconds: number | null;
  /** For people. */
  notes: string[];
}

export function segmentsOf(plan: Plan): ScheduleSegment[] {
  const stages = Math.max(0, ...plan.steps.map((step) => step.stage));
  const steps = Array.from({ length: stages }, (_, i) => stepSegment(plan, i + 1, stages));
  return [...preparationSegments(plan), ...steps, ...closingSegments(plan)];
}

function preparationSegments(plan: Plan): ScheduleSegment[] {
  return [
    segment('preflight', 'plan and preflight', activityTimeouts.planning + activityTimeouts.preflight),
    ...trainingSegments(plan),
    ...registeringSegments(plan),
    ...plan.steps.filter((step) => step.stage === 0).map((step) => deploymentSegment(plan, step)),
  ];
}

function deploymentSegment(plan: Plan, step: Step): ScheduleSegment {
  const { max } = stepDurationOf(plan, step);
  if (step.kind === 'validate') return segment('validating', 'candidate answers as expected', max);
  const alone = step.kind === 'deploy' && step.arrangement.kind === 'candidateOnly';
  return segment('deploying', alone ? 'candidate in service' : 'both variants in service', max);
}

/** The training jobs run in parallel. */
function trainingSegments({ models }: Plan): ScheduleSegment[] {
  const jobs = Object.values(models).flatMap((model) => (model.kind === 'train' ? [model.training] : []));
  if (jobs.length === 0) return [];
  const stopAfter = Math.max(...jobs.map(trainingLimitSeconds));
  const label = jobs.length === 1 ? 'train 1 model' : `train ${jobs.length} models`;
  const note = `jobs are stopped after ${formatDuration(stopAfter)}`;
  return [{ ...segment('training', label, stopAfter + activityTimeouts.trainingStart), notes: [note] }];
}

function registeringSegments({ models, registration }: Plan): ScheduleSegment[] {
  const created = Object.values(models).filter(isMade);
  if (created.length === 0) return [];
  const registered = registration ? created.filter(isTrained).length : 0;
  const maxSeconds = (created.length + registered) * activityTimeouts.modelChange;
  if (registered === 0 || registration?.approval !== 'manual')
    return [segment('registering', 'create models', maxSeconds)];
  const note = 'waits until a person approves the model package';
  return [{ ...segment('registering', 'register and create models', null), notes: [note] }];
}

function isTrained(model: ModelPlan): boolean {
  return model.kind === 'train';
}

function closingSegments(plan: Plan): ScheduleSegment[] {
  const { rollbackWindow } = plan;
  const promotion = promotionSegment(plan);
  if (!rollbackWindow) return [promotion];
  const { seconds, baseline } = rollbackWindow;
  const label = `baseline kept ${baseline === 'warm' ? 'warm' : 'on one instance'} for undo`;
  const { max, waitsFor } = windowTimes(plan, seconds);
  const notes = waitsFor === undefined ? [] : [waitsFor];
  return [{ ...segment('rollbackWindow', label, max), minSeconds: seconds, notes }, promotion];
}

function promotionSegment(plan: Plan): ScheduleSegment {
  const maxSeconds =
    plan.limits.deploySeconds +
    2 * activityTimeouts.deleteConfig +
    (plan.writeBack === null ? 0 : activityTimeouts.writeBack);
  const notes = startsSecondFleet(plan)
    ? ['a second fleet of the candidate starts and replaces the instances of both']
    : [];
  return { ...segment('promotion', 'candidate alone in service', maxSeconds), notes };
}

function segment(kind: SegmentKind, label: string, maxSeconds: number | null): ScheduleSegment {
  return { kind, label, stage: null, share: null, minSeconds: 0, maxSeconds, notes: [] };
}

function stepSegment(plan: Plan, stage: number, stages: number): ScheduleSegment {
  const steps = plan.steps.filter((step) => step.stage === stage);
  const share =
    steps.flatMap((step) => (step.kind === 'setWeights' ? [step.weights.candidate] : [])).at(-1) ?? 0;
  const times = steps.map((step) => stepDurationOf(plan, step));
  const maxSeconds = times.map((time) => time.max);
  const waits = times.flatMap((time) => (time.waitsFor === undefined ? [] : [time.waitsFor]));
  return {
    kind: 'step',
    label: `step ${stage} of ${stages}: ${[...new Set(steps.flatMap(partsOf))].join(', ')}`,
    stage,
    share,
    minSeconds: sum(times.map((time) => time.min)),
    maxSeconds: maxSeconds.includes(null) ? null : sum(maxSeconds.map((seconds) => seconds ?? 0)),
    notes: [...new Set(waits)],
  };
}

/** The labels of a step; an empty list if it has none. */
function partsOf(step: Step): string[] {
  switch (step.kind) {
    case 'deploy':
      return step.arrangement.kind === 'shadow'
        ? [`shadow of ${formatPercent(step.arrangement.mirrorPercent)}`]
        : [];
    case 'validate':
      return ['validated'];
    case 'setWeights':
      return [formatPercent(step.weights.candidate)];
    case 'bake':
      return [`watched for ${formatDuration(step.seconds)}`];
    case 'gate':
      return ['gated'];
    case 'experiment': {
      const adapts =
        step.adapt === null ? '' : `, split chosen every ${formatDuration(step.adapt.everySeconds)}`;
      return [
        `tested for ${formatDuration(step.minimumSeconds)} to ${formatDuration(step.maximumSeconds)}${adapts}`,
      ];
    }
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
