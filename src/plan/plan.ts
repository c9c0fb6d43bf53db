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
  /** For people and for the RolloutStrategy search attribute only, e.g. `shadow+canary`: nothing branches on it. */
  strategy: string;
  topology: Topology;
  models: Record<Role, ModelPlan>;
  registration: RegistrationPlan | null;
  /** `count: null` means: as many instances as the live baseline has. */
  serve: ServePlan;
  validation: ValidationPlan | null;
  /** In order; the promotion follows the last. */
  steps: Step[];
  guardrails: Guardrail[];
  /** What an experiment decides by. */
  goals: Goal[];
  /** How sure a comparison must be. Absent where an earlier release froze the plan: `usualJudging`. */
  judging?: JudgingPlan;
  onInconclusive: 'hold' | 'rollBack' | 'promote';
  /** What is done about someone else's change to the endpoint. */
  drift: 'hold' | 'revert' | 'adopt';
  /** How long the baseline stays after the promotion; null: it goes at once. */
  rollbackWindow: RollbackWindow | null;
  /** Nothing advances while one of these holds; a way back always may. */
  freeze: CalendarRule[];
  notify: Channel[];
  limits: Limits;
}

/**
 * `variants`: both models on one endpoint, its weights divide the traffic. `endpoints`: a model each, and the switch divides.
 */
export type Topology = 'variants' | 'endpoints';

export interface RollbackWindow {
  seconds: number;
  /** `warm`: with the instances it had. `scaledIn`: one instance. */
  baseline: 'warm' | 'scaledIn';
}

/**
 * Name of the model's SageMaker objects: `<rolloutId>-a` (baseline) or `<rolloutId>-b` (candidate). `none`: nothing serves
 * before the candidate; for the baseline only.
 */
export type ModelPlan =
  | { kind: 'none' }
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
  /**
   * How instance counts follow the traffic. `full`: both variants have all of them from the start. `candidateFollows`: the
   * candidate has its share's; the baseline keeps its own, so that a way back never waits for instances. `bothFollow`.
   */
  capacity: 'full' | 'candidateFollows' | 'bothFollow';
}

export interface ValidationPlan {
  /** Requests that must merely be answered with a 2xx status. */
  smoke: { requests: GoldenRequest[] } | null;
  golden: { records: GoldenRecord[]; minimumMatchPercent: number } | null;
  latency: { percentile: number; belowMs: number; requests: number } | null;
  /** A small steady load, from the golden and the smoke requests in turn. */
  load: { requestsPerSecond: number; seconds: number; maximumErrorPercent: number } | null;
}

export interface GoldenRequest {
  body: unknown;
  contentType: string;
}

/** A request with its expected answer; `expect` must be a subset of the JSON answer. */
export interface GoldenRecord extends GoldenRequest {
  expect: unknown;
}

/**
 * What the executor does, one after another. Every strategy compiles to these; a stage is what people
 * count ("step 2 of 4"): the weights of one share and what follows until the next. Stage 0 comes before any of them.
 */
export type Step =
  | { kind: 'deploy'; stage: number; arrangement: Arrangement }
  | { kind: 'validate'; stage: number }
  | { kind: 'setWeights'; stage: number; weights: Weights }
  | { kind: 'bake'; stage: number; seconds: number }
  | { kind: 'gate'; stage: number; gate: Gate }
  | Experiment;

/**
 * What is up. `beside`: both models, the candidate without traffic. `shadow`: the candidate gets copies of the baseline's
 * requests and answers nobody. `alone`: the candidate, where nothing served before.
 */
export type Arrangement = { kind: 'beside' } | { kind: 'shadow'; mirrorPercent: number } | { kind: 'alone' };

/** Watches until the goals decide, at the earliest after `minimumSeconds`; after `maximumSeconds` it is inconclusive. */
export interface Experiment {
  kind: 'experiment';
  stage: number;
  minimumSeconds: number;
  maximumSeconds: number;
  /** Moves the split towards the better arm as it learns; null: the split stays. */
  adapt: Adaptation | null;
}

/** A bandit's bounds. Shares in percent points of the candidate's share. */
export interface Adaptation {
  everySeconds: number;
  floor: number;
  cap: number;
  largestStep: number;
}

/** Something that must be so before the rollout goes on. `id` is unique within the plan, for people. */
export type Gate = { id: string; withinSeconds: number | null } & (
  | { kind: 'manual' }
  /** So many different people; the one who started the rollout is not among them unless allowed. `verified`: who signed. */
  | { kind: 'approval'; people: number; starterMayApprove: boolean; verified: boolean }
  | { kind: 'webhook'; address: Address; secretEnv: string | null; everySeconds: number }
  /** Open while any of the rules holds. */
  | { kind: 'hours'; open: CalendarRule[] }
);

/** A time that comes again, in the wall time of `zone` (IANA name). */
export type CalendarRule = { zone: string } &
  /** `days`: 1 Monday to 7 Sunday, on which the span begins. `from`, `to`: HH:MM; `to` at or before `from` is on the next day. */
  (
    | { kind: 'weekly'; days: number[]; from: string; to: string }
    /** Begins whenever the five-field cron expression says. */
    | { kind: 'cron'; expression: string; seconds: number }
    /** Once: `from`, `to` as local wall time, YYYY-MM-DDTHH:MM. */
    | { kind: 'once'; from: string; to: string }
  );

/** A URL, or the name of the worker's environment variable that holds it, for a URL that is a secret itself. */
export type Address = { url: string } | { env: string };

export const occasions = ['started', 'gate', 'hold', 'rollback', 'promoted', 'page', 'ended'] as const;
export type Occasion = (typeof occasions)[number];

/** Who is told of what. `page`: a person is needed now. */
export type Channel = { occasions: Occasion[] } & (
  | { kind: 'sns'; topicArn: string }
  | { kind: 'webhook'; address: Address; secretEnv: string | null }
  | { kind: 'slack'; address: Address }
);

/** A rule that may end the rollout. `id` is unique within the plan and stable. */
export type Guardrail =
  { kind: 'alarm'; id: string; alarmName: string } | BoundGuardrail | ComparisonGuardrail;

/**
 * The candidate must not be worse than the baseline. Dimension values of the series may hold `{endpoint}`, `{variant}`,
 * `{role}` and `{rolloutId}`, which stand for the arm's that is read.
 */
export interface ComparisonGuardrail {
  kind: 'comparison';
  id: string;
  label: string;
  /** Counts of what is bad, and of what it is counted among. */
  events: Series;
  trials: Series;
  /** How much worse, relative to the baseline's rate, is still allowed. Percent. */
  marginPercent: number;
  /** Variance over mean of the events, from history; 1 where they come one by one. */
  dispersion: number;
  /** A bake ends only with proof that the rate is within the margin. Else, and where absent: without evidence of harm. */
  mustBeProven?: boolean;
  /** A candidate's rate that is surely under this is not worse, whatever the ratio. Null or absent: no such rate. */
  negligiblePercent?: number | null;
  windowSeconds: number;
  dataDelaySeconds: number;
}

/** How often all comparisons of a rollout together may be wrong, at all looks together. */
export interface JudgingPlan {
  /** A guardrail rolls back a candidate that is not worse: all comparison guardrails together, in percent. */
  falseAlarmPercent: number;
  /** A goal decides wrongly: all goals together, in percent. */
  wrongDecisionPercent: number;
  /** Requests of both models at which a goal is expected to decide: its interval is narrowest there. */
  plannedSize: number;
}

export const usualJudging: JudgingPlan = {
  falseAlarmPercent: 1,
  wrongDecisionPercent: 5,
  plannedSize: 5_000,
};

/** What an experiment is decided by; placeholders as in ComparisonGuardrail. */
export interface Goal {
  id: string;
  label: string;
  kind: 'proportion' | 'mean';
  higherIsBetter: boolean;
  /** `total`: conversions, or the sum of a value. `squares`: sum of squared values, for a mean only. */
  total: Series;
  squares: Series | null;
  trials: Series;
  windowSeconds: number;
  dataDelaySeconds: number;
  /** Absent: to be better, by whatever little. */
  asks?: GoalDemand;
  /** Variance of the counts over that of independent trials; absent: not said, and taken for 1. */
  dispersion?: number;
}

/** What decides a goal for the candidate: a gain above `byPercent`, or a loss surely below it. Relative to the baseline. */
export type GoalDemand = { kind: 'better' | 'notWorse'; byPercent: number };

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
export type Metric = StatisticMetric | ExpressionMetric;

interface InUnit {
  unit: 'percent' | 'ms' | 'none';
  scale: number;
}

export interface StatisticMetric extends InUnit {
  numerator: Series;
  /** Present for a ratio; null for a plain statistic. */
  denominator: Series | null;
  expression?: undefined;
}

/** Metric math over `operands`, by their ids; CloudWatch computes it. */
export interface ExpressionMetric extends InUnit {
  expression: string;
  operands: Record<string, Series>;
}

export interface Series {
  namespace: string;
  name: string;
  /** CloudWatch statistic: Sum, Average, Minimum, Maximum, SampleCount, p0.0 to p100; TC(low:), the count of values above `low`. */
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
  /** The candidate's own endpoint, in the topology `endpoints`, and its config. */
  candidateEndpoint: string;
  candidateConfig: string;
  /** Endpoint config with both variants. */
  bothConfig: string;
  /** Endpoint config with the candidate as shadow variant. */
  shadowConfig: string;
  /** Endpoint config with one variant only. */
  onlyConfig: Record<Role, string>;
  variant: Record<Role, string>;
}

/** Source: names derive from the rollout id alone, so a retry finds what an earlier attempt made. */
export function namesOf(rolloutId: string): Names {
  const key = rolloutId.slice(-8);
  return {
    candidateEndpoint: rolloutId,
    candidateConfig: `${rolloutId}-e`,
    bothConfig: `${rolloutId}-ab`,
    shadowConfig: `${rolloutId}-s`,
    onlyConfig: { baseline: `${rolloutId}-a`, candidate: `${rolloutId}-b` },
    variant: { baseline: `a-${key}`, candidate: `b-${key}` },
  };
}
