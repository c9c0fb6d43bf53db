/**
 * The frozen plan: what a rollout will do, in order, with every name, number and duration resolved.
 *
 * A plan is compiled from the spec once, in the workflow's first activity, and recorded in history, so a
 * running rollout never depends on the spec's schema again. Plain JSON; no I/O, no clock.
 *
 * Units: durations in whole seconds, traffic shares in percent (0 to 100), latencies in milliseconds, rates in
 * percent.
 */

/** Which of the two models. The baseline serves now; the candidate wants to. */
export type Role = 'baseline' | 'candidate';

/** Traffic shares in percent; they sum to 100. */
export type Weights = Record<Role, number>;

export interface Plan {
  /** Raised when a plan of an earlier release can no longer be executed as it is. */
  version: 1;
  /** `<endpoint, shortened>-<8 hex digits>`; the prefix of every name and the value of the ownership tag. */
  rolloutId: string;
  /** Endpoint name in lower case. */
  endpoint: string;
  /** For people and for the RolloutStrategy search attribute only: nothing branches on it. */
  strategy: string;
  models: Record<Role, ModelPlan>;
  registration: RegistrationPlan | null;
  /** `count: null` means: as many instances as the live baseline has. */
  serve: ServePlan;
  validation: ValidationPlan | null;
  steps: Step[];
  guardrails: Guardrail[];
  onInconclusive: 'hold' | 'rollBack';
  limits: Limits;
}

/** Name of the model's SageMaker objects: `<rolloutId>-a` (baseline) or `<rolloutId>-b` (candidate). */
export type ModelPlan =
  | { kind: 'live' }
  | { kind: 'model'; modelName: string }
  | { kind: 'package'; arn: string; modelName: string; role: string }
  | { kind: 'train'; modelName: string; training: TrainingPlan };

export interface TrainingPlan {
  /** `<rolloutId>-a` or `-b`. */
  jobName: string;
  image: string;
  /** Image that serves the artefact; the training image unless the spec says otherwise. */
  servingImage: string;
  role: string;
  /** Channel name to S3 URI. */
  input: Record<string, { uri: string; contentType: string | null }>;
  output: string;
  instance: { type: string; count: number; volumeGb: number };
  stopAfterSeconds: number;
  hyperparameters: Record<string, string>;
}

export interface RegistrationPlan {
  group: string;
  /** `manual`: the rollout waits until a person approves the package version in the registry. */
  approval: 'automatic' | 'manual';
}

export interface ServePlan {
  instanceType: string | null;
  count: number | null;
  /** Period at which SageMaker publishes invocation metrics: 10, 30, 60, 120, 180, 240 or 300 s. */
  metricPeriodSeconds: number;
}

export interface ValidationPlan {
  golden: { records: GoldenRecord[]; minimumMatchPercent: number } | null;
  latency: { percentile: number; belowMs: number; requests: number } | null;
}

/** A request with its expected answer; `expect` must be a subset of the JSON answer. */
export interface GoldenRecord {
  body: unknown;
  contentType: string;
  expect: unknown;
}

/**
 * What the executor does, one after another. Every strategy compiles to these; a stage is what people
 * count ("step 2 of 4"): the weights of one share and what follows until the next.
 */
export type Step =
  { kind: 'setWeights'; stage: number; weights: Weights } | { kind: 'bake'; stage: number; seconds: number };

/** A rule that may end the rollout. `id` is unique within the plan and stable. */
export type Guardrail = { kind: 'alarm'; id: string; alarmName: string } | BoundGuardrail;

export interface BoundGuardrail {
  kind: 'bound';
  id: string;
  /** For people, e.g. `error rate`. */
  label: string;
  metric: Metric;
  direction: 'below' | 'above';
  /** In `metric.unit`. */
  bound: number;
  /** Fewer requests than this in a window, and it is judged together with the next. */
  minimumRequests: number;
  windowSeconds: number;
  /** How long after a window's end its data counts as complete. */
  dataDelaySeconds: number;
}

/** A number of the candidate's, read from CloudWatch and multiplied by `scale` to be in `unit`. */
export interface Metric {
  unit: 'percent' | 'ms' | 'none';
  scale: number;
  numerator: Series;
  /** Present for a ratio; null for a plain statistic. */
  denominator: Series | null;
}

export interface Series {
  namespace: string;
  name: string;
  /** CloudWatch statistic: Sum, Average, Minimum, Maximum, SampleCount, p0.0 to p100. */
  stat: string;
  dimensions: Record<string, string>;
}

export interface Limits {
  /** From the request for an endpoint change to its verified end. */
  deploySeconds: number;
  /** From the request for a weight change to its verified end. */
  shiftSeconds: number;
  /** How long a rollback is retried before a person is called. */
  rollbackSeconds: number;
  /** How long a bake's end may wait for missing data before `onInconclusive: rollBack` acts. */
  holdSeconds: number;
}

/** Names of everything that a rollout makes; each within SageMaker's 63 characters. */
export interface Names {
  /** Endpoint config with both variants. */
  bothConfig: string;
  /** Endpoint config with one variant only. */
  onlyConfig: Record<Role, string>;
  variant: Record<Role, string>;
}

/** Source: names derive from the rollout id alone, so a retry finds what an earlier attempt made. */
export function namesOf(rolloutId: string): Names {
  const key = rolloutId.slice(-8);
  return {
    bothConfig: `${rolloutId}-ab`,
    onlyConfig: { baseline: `${rolloutId}-a`, candidate: `${rolloutId}-b` },
    variant: { baseline: `a-${key}`, candidate: `b-${key}` },
  };
}
