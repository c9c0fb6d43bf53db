/** Fake activities for workflow tests: endpoints in memory that change at once. */
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import type { CalendarAnswer } from '../../src/activities/interface/results.js';
import type { DesiredDeployment } from '../../src/activities/interface/deployment.js';
import type { EndpointObservation, InitialEndpoint } from '../../src/activities/interface/endpoint.js';
import type { FailureType } from '../../src/activities/interface/failure-type.js';
import type { Notification } from '../../src/activities/interface/notifications.js';
import type { ArmTraffic } from '../../src/activities/interface/traffic.js';
import type { WatchReport, WatchRequest } from '../../src/activities/interface/watch.js';
import { createCompileWaves } from '../../src/activities/planning/compile-spec.js';
import { createVerifyActor } from '../../src/activities/commands/verify-actor.js';
import type { ActorKeys } from '../../src/identity/actor-keys.js';
import type { Verdict } from '../../src/analysis/verdicts/verdict.js';
import type { Channel } from '../../src/plan/compiled/notifications.js';
import type { Goal } from '../../src/plan/compiled/goal.js';
import { resourceNamesOf, type Role, type Weights } from '../../src/plan/compiled/names.js';
import type { Plan } from '../../src/plan/compiled/plan.js';

type Name = keyof RolloutActivities;

export const rolloutId = 'digits-0123abcd';
export const names = resourceNamesOf(rolloutId);

interface Endpoint {
  config: string;
  weights: Record<string, number>;
  counts: Record<string, number>;
}

const roles: Role[] = ['baseline', 'candidate'];

export class FakeActivities {
  plan: Plan;
  starting: InitialEndpoint = live();
  readonly endpoints = new Map<string, Endpoint>([
    ['digits', { config: 'digits-original', weights: { AllTraffic: 1 }, counts: { AllTraffic: 2 } }],
  ]);
  /** Calls of activities in order, with the relevant arguments. */
  readonly calls: string[] = [];
  /** Activities that stay in progress, with the retryable failure `InProgress`, while they are in this set. */
  readonly inProgress = new Set<Name>();
  /** Failures to throw, once each; `after`: not before this call was made. */
  readonly failures: {
    activity: Name;
    type: FailureType;
    message: string;
    retryable?: boolean;
    after?: string;
  }[] = [];
  /** Scripts of watch reports, one per call; the last one repeats. Without a script: clear. */
  readonly reports: ((request: WatchRequest, now: number) => Partial<WatchReport> | 'watching')[] = [];
  /** Answers of the calendar, one per call. Without one: no freeze. */
  readonly calendar: CalendarAnswer[] = [];
  /** Answer of the gate's webhook. */
  gateAnswer: { answer: 'yes' | 'no'; message: string } = { answer: 'yes', message: 'tests are green' };
  /** Polls, 3 s apart, before the webhook has its answer. */
  gatePolls = 0;
  /** Public keys of actors who sign commands. */
  actorKeys: ActorKeys | null = null;
  readonly notifications: { channel: Channel; notification: Notification }[] = [];
  /** Splits that `chooseSplit` returns, one per call. */
  readonly shares: number[] = [];
  endpointStatus = 'InService';
  /** Time until the next attempt of a watch without a result. */
  pollInterval: '500ms' | '10m' | '12h' = '10m';

  constructor(change: Partial<Plan> = {}) {
    this.plan = { ...basicPlan(), ...change };
    if (change.validation && !change.steps) this.plan.steps.splice(1, 0, { kind: 'validate', stage: 0 });
  }

  /** Config of the endpoint that clients use. */
  get config(): string {
    return this.endpoint('digits').config;
  }

  set config(name: string) {
    this.endpoint('digits').config = name;
  }

  /** Changes the weights as an external change does. */
  setShares({ baseline, candidate }: Weights): void {
    const { weights } = this.endpoint('digits');
    for (const variant of Object.keys(weights))
      weights[variant] = variant === names.variant.candidate ? candidate : baseline;
  }

  endpoint(name: string): Endpoint {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) throw failure('EndpointNotFound', `endpoint ${name} no longer exists`);
    return endpoint;
  }

  get activities(): RolloutActivities {
    const implementation: RolloutActivities = {
      compileRollout: () => Promise.resolve(this.plan),
      compileWaves: createCompileWaves(),
      preflight: () => Promise.resolve(this.starting),
      trainModel: ({ model: { training } }) =>
        Promise.resolve({
          jobName: training.jobName,
          artefact: 's3://a',
          trainingSeconds: 60,
          metrics: { accuracy: 0.9 },
        }),
      stopTraining: () => Promise.resolve(),
      registerModel: () =>
        Promise.resolve({ packageArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/digits/1' }),
      createModel: () => Promise.resolve(),
      chooseVersion: ({ group }) => Promise.resolve({ finding: `group ${group} does not exist` }),
      writeBackVersion: () => Promise.resolve(),
      deploy: ({ endpoint, deployment }) => {
        this.deploy(endpoint, deployment);
        return Promise.resolve(this.observe(endpoint));
      },
      validate: () =>
        Promise.resolve({ goldenMatched: 1, goldenTotal: 1, latencyMs: 5, message: '1 of 1 answers' }),
      setWeights: ({ traffic, weights, from }) => {
        if (from && traffic.topology === 'variants') this.requireShares(traffic, [from, weights]);
        for (const role of roles) {
          const arm = traffic.arms[role];
          if (!arm) continue;
          const { config, weights: held } = this.endpoint(arm.endpoint);
          if (config !== arm.configName) throw failure('Drift', `the endpoint is on config ${config}`);
          held[arm.variant] = weights[role];
        }
        return Promise.resolve(this.observeTraffic(traffic));
      },
      setCounts: ({ traffic, counts }) => {
        for (const role of roles) {
          const arm = traffic.arms[role];
          const desired = counts[role];
          if (!arm || !desired) continue;
          const held = this.endpoint(arm.endpoint).counts;
          const has = held[arm.variant] ?? 0;
          if ('atLeast' in desired) held[arm.variant] = Math.max(has, desired.atLeast);
          else if (has === desired.whileAt) held[arm.variant] = desired.exactly;
        }
        return Promise.resolve(this.observeTraffic(traffic));
      },
      observeEndpoint: ({ endpoint }) =>
        Promise.resolve(this.endpoints.has(endpoint) ? this.observe(endpoint) : null),
      evaluateCalendar: () =>
        Promise.resolve(this.calendar.shift() ?? { holds: false, until: null, message: 'nothing is frozen' }),
      pollGateWebhook: () => {
        if (this.gatePolls-- > 0) throw watching('the webhook has no answer yet', 3_000);
        return Promise.resolve(this.gateAnswer);
      },
      sendNotification: (request) => {
        this.notifications.push(request);
        return Promise.resolve();
      },
      chooseSplit: ({ share }) => {
        const next = this.shares.shift() ?? share;
        return Promise.resolve({ share: next, message: `the candidate gets ${next} %` });
      },
      watchTraffic: (request) => Promise.resolve(this.watch(request)),
      verifyActor: (question) => createVerifyActor(this.actorKeys)(question),
      deleteConfig: () => Promise.resolve(),
      deleteEndpoint: ({ endpoint }) => {
        this.endpoints.delete(endpoint);
        return Promise.resolve();
      },
    };
    return instrument(implementation, (name, argument) => this.enter(name, argument));
  }

  observe(name = 'digits'): EndpointObservation {
    const { config, weights, counts } = this.endpoint(name);
    const variants = Object.entries(weights).map(([variant, weight]) => ({
      name: variant,
      endpoint: name,
      configName: config,
      currentWeight: weight,
      desiredWeight: weight,
      currentCount: counts[variant] ?? 0,
      desiredCount: counts[variant] ?? 0,
      status: null,
    }));
    return {
      at: new Date(0).toISOString(),
      status: this.endpointStatus,
      configName: config,
      failureReason: null,
      variants,
    };
  }

  private observeTraffic({ arms }: ArmTraffic): EndpointObservation {
    const names = new Set([arms.baseline ?? arms.candidate, arms.candidate].map((arm) => arm.endpoint));
    const [first = this.observe(), ...others] = [...names].map((name) => this.observe(name));
    return { ...first, variants: [first, ...others].flatMap(({ variants }) => variants) };
  }

  private deploy(name: string, { configName, variants }: DesiredDeployment): void {
    const before = this.endpoints.get(name);
    this.endpoints.set(name, {
      config: configName,
      weights: Object.fromEntries(variants.map((v) => [v.name, before?.weights[v.name] ?? v.weight])),
      counts: Object.fromEntries(variants.map((v) => [v.name, before?.counts[v.name] ?? v.count])),
    });
  }

  /** Weights are relative, as in SageMaker. */
  private requireShares({ arms }: ArmTraffic, allowed: Record<Role, number>[]): void {
    const { weights } = this.endpoint(arms.candidate.endpoint);
    const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
    const share = (100 * (weights[arms.candidate.variant] ?? 0)) / sum;
    if (allowed.some(({ candidate }) => Math.abs(candidate - share) < 0.001)) return;
    throw failure('Drift', `candidate has ${share} % of the traffic, not ${allowed[0]?.candidate} %`);
  }

  private enter(name: Name, argument: unknown): void {
    if (isWatchOfChange(name, argument)) throw watching('nothing new during the change', this.pollInterval);
    this.calls.push(describeCall(name, argument));
    const index = this.failures.findIndex(
      ({ activity, after }) => activity === name && (after === undefined || this.calls.includes(after)),
    );
    if (index >= 0) {
      const [{ type, message, retryable } = { type: 'Rejected' as const, message: 'gone' }] =
        this.failures.splice(index, 1);
      throw failure(type, message, retryable);
    }
    // Shorter than every schedule-to-close timeout, because a retry after it would not happen.
    if (this.inProgress.has(name)) throw watching(`${name} is in progress`, '1m');
  }

  private watch(request: WatchRequest): WatchReport {
    const scripted = this.reports.length > 1 ? this.reports.shift() : this.reports[0];
    const atMs = activityInfo().currentAttemptScheduledTimestampMs;
    const scriptedReport = scripted?.(request, atMs) ?? (request.mode === 'guard' ? 'watching' : {});
    // A test decides how long a bake takes. Waits with a time limit end by the round.
    const leftMs = request.mode === 'guard' ? Date.parse(request.roundEnds) - atMs : Infinity;
    if (scriptedReport === 'watching' && leftMs > 0)
      throw watching(
        'error rate 0.42 % < 1 %, window 1 of 6',
        // Whole seconds, so that wall time does not show in histories.
        Math.min(Math.ceil(leftMs / 1000) * 1000, msToNumber(this.pollInterval)),
      );
    const report = scriptedReport === 'watching' ? ({ kind: 'round' } as const) : scriptedReport;
    const observation = this.observeTraffic(request.traffic);
    const state = request.continued ?? {
      guardrails: {},
      alarms: [],
      comparisons: {},
      stats: [],
      observation,
    };
    return { kind: 'clear', message: 'all clear', verdicts: [], state, ...report };
  }
}

export function verdict(result: Verdict['result'], message: string): Verdict {
  return {
    guardrail: 'errorRate',
    result,
    reason: result === 'fail' ? 'outOfBound' : result === 'pass' ? 'withinBound' : 'noData',
    message,
    evidence: {
      from: null,
      to: null,
      requests: null,
      value: null,
      bound: 1,
      unit: 'percent',
      windowsJudged: 0,
      windowsPlanned: 6,
    },
    algorithm: 'bound/1',
  };
}

export function live(): InitialEndpoint {
  return {
    kind: 'live',
    configName: 'digits-original',
    madeBy: null,
    settings: { ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: 'digits-old' }] },
    variantName: 'AllTraffic',
    modelName: 'digits-old',
    instanceType: 'ml.m5.large',
    count: 2,
    scaling: null,
    tags: { endpoint: {}, config: {}, model: {} },
    network: {},
  };
}

function basicPlan(): Plan {
  return {
    version: 1,
    rolloutId,
    endpoint: 'digits',
    strategy: 'canary',
    topology: 'variants',
    models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'digits-new' } },
    registration: null,
    writeBack: null,
    serve: { instanceType: null, count: null, metricPeriodSeconds: 60, capacity: 'full' },
    validation: null,
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
      { kind: 'bake', stage: 1, seconds: 1800 },
      { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
      { kind: 'bake', stage: 2, seconds: 1800 },
      { kind: 'setWeights', stage: 3, weights: { baseline: 0, candidate: 100 } },
    ],
    guardrails: [{ kind: 'alarm', id: 'alarm:digits-5xx', alarmName: 'digits-5xx' }],
    goals: [],
    onInconclusive: 'hold',
    onBlocked: { kind: 'hold' },
    drift: 'hold',
    rollbackWindow: null,
    freeze: [],
    notify: [],
    tags: {},
    limits: { deploySeconds: 3600, shiftSeconds: 1800, rollbackSeconds: 7200, holdSeconds: 86_400 },
  };
}

/** The goal of experiments, from metrics of the switch. */
export const conversionGoal: Goal = {
  id: 'goal:conversion',
  label: 'conversion',
  kind: 'proportion',
  higherIsBetter: true,
  total: switchSeries('Conversions'),
  squares: null,
  trials: switchSeries('Exposures'),
  windowSeconds: 3_600,
  dataDelaySeconds: 600,
};

function switchSeries(name: string) {
  return { namespace: 'Penstock/Switch', name, stat: 'Sum', dimensions: { Role: '{role}' } };
}

export function trainingModel(letter: 'a' | 'b'): Plan['models']['candidate'] {
  return {
    kind: 'train',
    modelName: `${rolloutId}-${letter}`,
    training: {
      jobName: `${rolloutId}-${letter}`,
      image: 'local/digits-classifier',
      servingImage: 'local/digits-classifier',
      role: 'arn:aws:iam::123456789012:role/sagemaker',
      input: {},
      output: 's3://bucket/models',
      instance: { type: 'ml.m5.large', count: 1, volumeGb: 10 },
      stopAfterSeconds: 3600,
      hyperparameters: {},
    },
  };
}

export function failure(type: FailureType, message: string, retryable = false): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: !retryable });
}

function watching(
  message: string,
  nextRetryDelay: number | '500ms' | '1m' | '10m' | '12h',
): ApplicationFailure {
  return ApplicationFailure.create({ type: 'InProgress', message, category: 'BENIGN', nextRetryDelay });
}

function describeCount(desired: { atLeast: number } | { exactly: number } | null): string {
  if (desired === null) return '-';
  return String('atLeast' in desired ? desired.atLeast : desired.exactly);
}

function describeCall(name: Name, argument: unknown): string {
  const a = argument as {
    endpoint?: string;
    weights?: Record<Role, number>;
    counts?: Record<Role, { atLeast: number } | { exactly: number } | null>;
    deployment?: { configName: string };
    configName?: string;
    notification?: Notification;
  };
  switch (name) {
    case 'setWeights':
      return `setWeights ${a.weights?.baseline}/${a.weights?.candidate}`;
    case 'setCounts':
      return `setCounts ${roles.map((role) => describeCount(a.counts?.[role] ?? null)).join('/')}`;
    case 'deleteEndpoint':
      return `deleteEndpoint ${a.endpoint}`;
    case 'sendNotification':
      return `notify ${a.notification?.event}`;
    case 'deploy':
      return `deploy ${a.deployment?.configName}`;
    case 'deleteConfig':
      return `deleteConfig ${a.configName}`;
    case 'watchTraffic':
      return `watch ${(argument as WatchRequest).mode}`;
    case 'trainModel':
    case 'stopTraining':
    case 'compileRollout':
    case 'compileWaves':
    case 'preflight':
    case 'registerModel':
    case 'createModel':
    case 'chooseVersion':
    case 'writeBackVersion':
    case 'validate':
    case 'observeEndpoint':
    case 'evaluateCalendar':
    case 'pollGateWebhook':
    case 'chooseSplit':
    case 'verifyActor':
      return name;
  }
}

/** Reports and calls of tests are those of waits, not those of the watch beside a change. */
function isWatchOfChange(name: Name, argument: unknown): boolean {
  return name === 'watchTraffic' && (argument as WatchRequest).isChanging === true;
}

function instrument(
  all: RolloutActivities,
  before: (name: Name, argument: unknown) => void,
): RolloutActivities {
  const wrapped = Object.entries(all).map(([name, run]) => [
    name,
    (argument: unknown) => {
      before(name as Name, argument);
      return (run as (a: unknown) => Promise<unknown>)(argument);
    },
  ]);
  return Object.fromEntries(wrapped) as RolloutActivities;
}
