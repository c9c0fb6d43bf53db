/** The parts of a rollout, one after another, each with the least and the most time it can take. */
import { allowedSeconds } from './allowances.js';
import { formatDuration } from './durations.js';
import { formatPercent } from './percents.js';
import type { Guardrail, ModelPlan, Plan, Step } from './plan.js';

export type LegKind =
  'preflight' | 'training' | 'registering' | 'deploying' | 'validating' | 'step' | 'promotion';

export interface Leg {
  kind: LegKind;
  /** For people, e.g. `step 2 of 5: 5%, watched for 30m`. */
  label: string;
  /** Null but for steps. */
  stage: number | null;
  /** The candidate's share in percent; null but for steps. */
  share: number | null;
  leastSeconds: number;
  /** Null: for ever. */
  mostSeconds: number | null;
  note?: string;
}

export function legsOf(plan: Plan): Leg[] {
  const stages = Math.max(0, ...plan.steps.map((step) => step.stage));
  const steps = Array.from({ length: stages }, (_, i) => stepLeg(plan, i + 1, stages));
  return [...preparationLegs(plan), ...steps, promotionLeg(plan)];
}

function preparationLegs(plan: Plan): Leg[] {
  const { limits } = plan;
  const legs = [
    leg('preflight', 'plan and preflight', allowedSeconds.planning + allowedSeconds.preflight),
    ...trainingLegs(plan),
    ...registeringLegs(plan),
    leg('deploying', 'both variants in service', limits.deploySeconds),
  ];
  if (plan.validation)
    legs.push(leg('validating', 'candidate answers as expected', allowedSeconds.validating));
  return legs;
}

/** The jobs run side by side. */
function trainingLegs({ models }: Plan): Leg[] {
  const jobs = Object.values(models).flatMap((model) => (model.kind === 'train' ? [model.training] : []));
  if (jobs.length === 0) return [];
  const stopAfter = Math.max(...jobs.map((job) => job.stopAfterSeconds));
  const label = jobs.length === 1 ? 'train 1 model' : `train ${jobs.length} models`;
  const note = `jobs are stopped after ${formatDuration(stopAfter)}`;
  return [{ ...leg('training', label, stopAfter + allowedSeconds.trainingStart), note }];
}

function registeringLegs({ models, registration }: Plan): Leg[] {
  const made = Object.values(models).filter((model) => model.kind === 'train' || model.kind === 'package');
  if (made.length === 0) return [];
  const registered = registration ? made.filter(isTrained).length : 0;
  const most = (made.length + registered) * allowedSeconds.modelChange;
  if (registered === 0 || registration?.approval !== 'manual')
    return [leg('registering', 'make models', most)];
  const note = 'waits until a person approves the model package';
  return [{ ...leg('registering', 'register and make models', null), note }];
}

function isTrained(model: ModelPlan): boolean {
  return model.kind === 'train';
}

function promotionLeg({ limits }: Plan): Leg {
  return leg(
    'promotion',
    'candidate alone in service',
    limits.deploySeconds + 2 * allowedSeconds.deleteConfig,
  );
}

function leg(kind: LegKind, label: string, most: number | null): Leg {
  return { kind, label, stage: null, share: null, leastSeconds: 0, mostSeconds: most };
}

function stepLeg(plan: Plan, stage: number, stages: number): Leg {
  const steps = plan.steps.filter((step) => step.stage === stage);
  const share =
    steps.flatMap((step) => (step.kind === 'setWeights' ? [step.weights.candidate] : [])).at(-1) ?? 0;
  const watched = steps.reduce((sum, step) => sum + (step.kind === 'bake' ? step.seconds : 0), 0);
  const times = steps.map((step) => timesOf(plan, step));
  const most = times.map((time) => time.most);
  const waits = most.includes(null);
  return {
    kind: 'step',
    label: `step ${stage} of ${stages}: ${formatPercent(share)}${watched === 0 ? '' : `, watched for ${formatDuration(watched)}`}`,
    stage,
    share,
    leastSeconds: sum(times.map((time) => time.least)),
    mostSeconds: waits ? null : sum(most.map((seconds) => seconds ?? 0)),
    ...(waits && { note: 'holds while a guardrail cannot judge (onInconclusive: hold)' }),
  };
}

interface Times {
  least: number;
  most: number | null;
}

function timesOf(plan: Plan, step: Step): Times {
  if (step.kind === 'setWeights') return { least: 0, most: plan.limits.shiftSeconds };
  const judged = plan.guardrails.map((guardrail) => judgingTimes(guardrail, step.seconds, plan));
  const least = Math.max(step.seconds, ...judged.map((time) => time.least));
  if (judged.length === 0) return { least, most: least };
  if (plan.onInconclusive === 'hold') return { least, most: null };
  const settled = Math.max(step.seconds, ...judged.map((time) => time.settled));
  return { least, most: settled + plan.limits.holdSeconds };
}

/** A bake ends when its last window has been judged, which starts up to a grid's width late and has late data. */
function judgingTimes(
  guardrail: Guardrail,
  bakeSeconds: number,
  plan: Plan,
): { least: number; settled: number } {
  if (guardrail.kind === 'alarm') return { least: bakeSeconds, settled: bakeSeconds };
  const { windowSeconds, dataDelaySeconds } = guardrail;
  const windows = Math.max(1, Math.floor(bakeSeconds / windowSeconds));
  const least = windows * windowSeconds + dataDelaySeconds;
  return { least, settled: least + Math.max(60, plan.serve.metricPeriodSeconds) };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
