/**
 * What the workflow may ask of the outside world. Types only: the workflow sees no more than this file.
 *
 * Every effect is convergent: an activity looks first, acts only where reality differs from the wish, and reports
 * success only from what it has read back. It is safe to run any of them again after a crash at any point.
 *
 * While something is on its way and nothing is decided, an activity throws the retryable failure `Watching`
 * (category BENIGN, `nextRetryDelay` set, message for people); the server keeps the timer. All other failure
 * types are listed in `FailureType`.
 */
import type { Verdict } from '../analysis/verdict.js';
import type { ProofFinding } from '../identity/judge-proof.js';
import type { Statement } from '../identity/statement.js';
import type { DriftSeen } from './drift-spans.js';
import type {
  Adaptation,
  Address,
  CalendarRule,
  Channel,
  Goal,
  Guardrail,
  JudgingPlan,
  ModelPlan,
  Occasion,
  Plan,
  RegistrationPlan,
  Role,
  Topology,
  ValidationPlan,
  Weights,
} from '../plan/plan.js';
import type { WavesPlan } from '../plan/waves.js';

/** `type` of every ApplicationFailure that activities throw. */
export type FailureType =
  /** Retryable: in progress; look again at the given time. */
  | 'Watching'
  /** Retryable: rate exceeded. */
  | 'Throttled'
  /** Retryable: 5xx, timeouts, lost connections. */
  | 'Unavailable'
  /** Retryable: somebody's operation is under way on the object. */
  | 'Busy'
  /** The rest end the activity at once. */
  | 'InvalidSpec'
  | 'PreflightRefused'
  | 'TrainingFailed'
  | 'NotApproved'
  | 'ValidationFailed'
  | 'EndpointFailed'
  | 'UpdateReverted'
  | 'EndpointGone'
  | 'Drift'
  | 'NotOurs'
  | 'AccessDenied'
  | 'QuotaExceeded'
  | 'Rejected';

/**
 * One variant as an endpoint describes it. Weights as SageMaker has them: relative, no unit; in the topology
 * `endpoints`, the shares in percent that the switch has.
 */
export interface VariantObservation {
  name: string;
  endpoint: string;
  configName: string;
  currentWeight: number;
  desiredWeight: number;
  currentCount: number;
  desiredCount: number;
  status: string | null;
  /** Gets copies, and answers nobody: its weight is relative to the production variant's. */
  shadow?: true;
}

/**
 * One DescribeEndpoint. `at` is ISO 8601, by Temporal's clock. Of two endpoints: `status` and `failureReason` of the one that
 * is worse off (`Missing` where it does not exist), `configName` of the baseline's, the variants of both.
 */
export interface EndpointObservation {
  at: string;
  status: string;
  configName: string;
  failureReason: string | null;
  variants: VariantObservation[];
}

/** What serves before the rollout changes anything. */
export type Starting =
  | { kind: 'absent' }
  | {
      kind: 'live';
      configName: string;
      variantName: string;
      modelName: string;
      instanceType: string;
      count: number;
    };

export interface VariantWish {
  name: string;
  modelName: string;
  instanceType: string;
  count: number;
  /** InitialVariantWeight in percent. */
  weight: number;
}

/**
 * The endpoint config that an endpoint is to be on. `owned`: the rollout makes (and may delete) it; else it must
 * exist. `basedOn`: an existing config whose other settings (encryption, data capture, network) carry over.
 * `createsEndpoint`: the endpoint began with this rollout; else it was there before and is never made.
 */
export interface Deployment {
  configName: string;
  owned: boolean;
  basedOn: string | null;
  createsEndpoint: boolean;
  variants: VariantWish[];
  /** Gets copies of the requests; `weight` relative to the production variant's, in percent. */
  shadow: VariantWish | null;
  metricPeriodSeconds: number;
}

/** Where one role is. `configName`: the config that its endpoint must be on; anything else is drift. */
export interface Arm {
  endpoint: string;
  variant: string;
  configName: string;
  /** Gets copies, and answers nobody: it has no weight. */
  shadow: boolean;
}

/** Whom the traffic is divided between, and by what. No baseline: the candidate is alone. */
export interface Traffic {
  topology: Topology;
  arms: { baseline: Arm | null; candidate: Arm };
}

export interface TrainedModel {
  jobName: string;
  artefact: string;
  trainingSeconds: number;
  /** Final metrics that the job reported, by name. */
  metrics: Record<string, number>;
}

/**
 * Someone else's change. `weights`: only the shares differ, by a change that is over. `config`: another config or other
 * variants. `ownership`: what the rollout made is deleted, or no
 * longer says whose it is. `underWay`: a change is being made. `trouble`: the
 * endpoint is not well. `gone`: it does not exist.
 */
export interface Drift {
  kind: 'weights' | 'config' | 'ownership' | 'underWay' | 'trouble' | 'gone';
  sentence: string;
  /** The shares as they are now; set for `weights` only, and null where nobody has any. */
  weights: Weights | null;
}

/** Counts of one variant since the weights of this stage were verified, and its latency in the last hour; null where unknown. */
export interface VariantStats {
  role: Role;
  variant: string;
  requests: number | null;
  errors: number | null;
  p99Ms: number | null;
}

/** The running sums of a bake. Carried from look to look in heartbeat details, and from round to round. */
export interface WatchState {
  /**
   * By guardrail id. `judgedTo`: ISO 8601, end of the last span judged; spans before it are immutable. `judged`: the
   * verdict on that span, where there is one; `last` may be younger and say that something is not known yet.
   */
  guardrails: Record<string, { judgedTo: string; windowsJudged: number; last: Verdict; judged?: Verdict }>;
  /** What the last look said of the alarms. */
  alarms: Verdict[];
  /**
   * By id of comparison guardrail or goal: what it has seen so far, in its own form. Goes on across the stages of a rollout.
   */
  comparisons: Record<string, ComparisonProgress>;
  stats: VariantStats[];
  observation: EndpointObservation | null;
  /** When someone else had changed the endpoint in this watch; absent: no look yet. */
  drift?: DriftSeen;
  /** What the last report said; the same is not said again before the round ends, so that callers can just ask again. */
  reported?: 'undecided' | 'drift';
  /** What it said of the drift: another one is said. */
  reportedDrift?: string;
}

/** `judgedTo`: ISO 8601, end of the last window taken in; windows before it are immutable. `sums`: plain JSON. */
export interface ComparisonProgress {
  judgedTo: string;
  sums: unknown;
  last: Verdict;
}

export interface WatchRequest {
  rolloutId: string;
  traffic: Traffic;
  /** The shares that must still hold, as the arms' configs must; anything else is drift. */
  weights: Weights;
  stage: number;
  metricPeriodSeconds: number;
  guardrails: Guardrail[];
  /** Judged in an experiment only: empty elsewhere. */
  goals: Goal[];
  /** The plan's. */
  judging?: JudgingPlan | undefined;
  /** ISO 8601: when the weights were verified; windows start at the first whole period after it. */
  since: string;
  /** The bake: windows that end within this many seconds are judged. */
  bakeSeconds: number;
  /** ISO 8601: no later than this the activity reports, decided or not. */
  roundEnds: string;
  /**
   * `bake`: ends with `clear` when every planned window is judged and passed, and no goal is undecided.
   * `guard`: the bake is over but traffic stays as it is (pause, gate, hold); never clear before the round ends.
   * `final`: one look now, before an early promotion; unjudged windows are skipped, alarms are not.
   */
  mode: 'bake' | 'guard' | 'final';
  carried: WatchState | null;
}

export interface WatchReport {
  /**
   * `fail`: roll back. `clear`: bake done, everything passed. `undecided`: the bake is over and something is
   * unknown. `round`: the round ended before the bake did. `drift`: someone else changed the endpoint.
   */
  kind: 'clear' | 'fail' | 'undecided' | 'round' | 'drift';
  sentence: string;
  verdicts: Verdict[];
  /** Set for `drift`. */
  drift?: Drift | undefined;
  state: WatchState;
}

export interface ValidationReport {
  goldenMatched: number;
  goldenTotal: number;
  latencyMs: number | null;
  sentence: string;
}

export interface CalendarAnswer {
  holds: boolean;
  until: string | null;
  sentence: string;
}

/** What a gate's webhook is asked; `id` is the same for every try. */
export interface GateQuestion {
  id: string;
  gate: string;
  address: Address;
  secretEnv: string | null;
  everySeconds: number;
  rolloutId: string;
  endpoint: string;
  stage: number;
  weights: Weights | null;
}

/** `id` is unique to the notice and the same for every try. */
export interface Notice {
  id: string;
  occasion: Occasion;
  at: string;
  rolloutId: string | null;
  workflowId: string;
  endpoint: string;
  strategy: string | null;
  sentence: string;
}

export type { ProofFinding };

export interface RolloutActivities {
  /** Validates the spec again and freezes the plan. Fails: InvalidSpec. */
  compileRollout(a: { spec: unknown; workflowId: string; runId: string }): Promise<Plan>;

  /** Validates a spec of waves, and the rollout of each endpoint with it. Fails: InvalidSpec. */
  compileWaves(a: { spec: unknown }): Promise<WavesPlan>;

  /** Changes nothing: endpoint InService or absent, one plain baseline variant, models and alarms exist and no alarm
   *  fires, names free or ours. Fails: PreflightRefused, with every finding in the message. */
  preflight(a: { plan: Plan }): Promise<Starting>;

  /** Starts the job (or adopts ours) and watches it to Completed. Fails: TrainingFailed with the job's reason
   *  (also when it was stopped), NotOurs, QuotaExceeded. */
  train(a: { rolloutId: string; model: ModelPlan & { kind: 'train' } }): Promise<TrainedModel>;

  /** Stops the job where it still runs, and watches it until it has ended. Nothing to do is success. */
  stopTraining(a: { jobName: string }): Promise<void>;

  /** Adds a version to the model package group (made where it is missing) and waits for its approval.
   *  Returns the package's ARN. Fails: NotApproved. */
  register(a: {
    rolloutId: string;
    role: Role;
    registration: RegistrationPlan;
    model: ModelPlan & { kind: 'train' };
    artefact: string;
  }): Promise<{ packageArn: string }>;

  /** CreateModel from an artefact or a package, or adopts ours. Fails: NotOurs, Rejected. */
  createModel(a: {
    rolloutId: string;
    modelName: string;
    role: string;
    source: { packageArn: string } | { image: string; artefact: string };
  }): Promise<void>;

  /** Brings an endpoint onto the deployment's config: creates config and endpoint, or updates keeping live weights and
   *  counts, and watches until it is verified. Fails: EndpointFailed, UpdateReverted, NotOurs, QuotaExceeded. */
  deploy(a: { rolloutId: string; endpoint: string; deployment: Deployment }): Promise<EndpointObservation>;

  /** Smoke requests, golden answers, latency and load through TargetVariant. Fails: ValidationFailed. */
  validate(a: { endpoint: string; variant: string; validation: ValidationPlan }): Promise<ValidationReport>;

  /** Sets the shares (percent) and watches until they are read back. Fails: Drift where a config is not the
   *  expected one, EndpointGone. */
  setWeights(a: { traffic: Traffic; weights: Weights }): Promise<EndpointObservation>;

  /** Brings each arm to at least `atLeast` instances, or, with `exactly`, up or down to it, and watches until they are read
   *  back. Null: that arm stays as it is. Fails: Drift, EndpointGone, QuotaExceeded. */
  setCounts(a: {
    traffic: Traffic;
    counts: Record<Role, { atLeast: number } | { exactly: number; whileAt: number } | null>;
  }): Promise<EndpointObservation>;

  /** One DescribeEndpoint; null where there is no such endpoint. */
  observeEndpoint(a: { endpoint: string }): Promise<EndpointObservation | null>;

  /** Whether any of the rules holds now, until when that stays so (ISO 8601; null: for ever), and a sentence. */
  consultCalendar(a: { rules: CalendarRule[] }): Promise<CalendarAnswer>;

  /** POSTs to a gate's webhook, signed, until it says yes or no. */
  askGate(a: GateQuestion): Promise<{ answer: 'yes' | 'no'; sentence: string }>;

  /** Tells one channel, once: what may have arrived is not sent again. Never fails because of the receiver. */
  notify(a: { channel: Channel; notice: Notice }): Promise<{ delivered: boolean; sentence: string }>;

  /** The candidate's next share, from what its goals have seen so far. Never a verdict. */
  chooseShare(a: {
    goals: Goal[];
    comparisons: WatchState['comparisons'];
    adapt: Adaptation;
    share: number;
  }): Promise<{ share: number; sentence: string }>;

  /** Alarms, metric windows and drift: one look a try. */
  watchTraffic(a: WatchRequest): Promise<WatchReport>;

  /** Whether the actor's key has signed the command, which came at `at` (ISO 8601). Whatever keeps that from being said is
   *  an answer too. */
  verifyActor(a: { statement: Statement; proof: string; at: string }): Promise<ProofFinding>;

  /** Deletes an endpoint config of this rollout that is not in use. Gone is success. Fails: NotOurs. */
  deleteConfig(a: { rolloutId: string; configName: string; endpoint: string }): Promise<void>;

  /** Deletes an endpoint that this rollout made. Gone is success. Fails: NotOurs. */
  deleteEndpoint(a: { rolloutId: string; endpoint: string }): Promise<void>;
}
