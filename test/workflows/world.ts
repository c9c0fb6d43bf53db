/** A small world for workflow tests: one endpoint in memory that obeys the activities' contract at once. */
import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type {
  EndpointObservation,
  FailureType,
  RolloutActivities,
  Starting,
  WatchReport,
  WatchRequest,
} from '../../src/activities/interface.js';
import type { Verdict } from '../../src/analysis/verdict.js';
import { namesOf, type Plan } from '../../src/plan/plan.js';

type Name = keyof RolloutActivities;

export const rolloutId = 'digits-0123abcd';
export const names = namesOf(rolloutId);

export class World {
  plan: Plan;
  starting: Starting = live();
  config = 'digits-original';
  weights: Record<string, number> = { AllTraffic: 1 };
  /** Names of activities as they were called, with what matters of their arguments. */
  readonly calls: string[] = [];
  /** Activities that stay under way (Watching) for as long as they are in here. */
  readonly underWay = new Set<Name>();
  /** Failures to throw, once each. */
  readonly failures: { activity: Name; type: FailureType; message: string; retryable?: boolean }[] = [];
  /** What watches report, one after another; when used up: clear. */
  readonly reports: ((request: WatchRequest, now: number) => Partial<WatchReport> | 'watching')[] = [];
  exists = true;
  endpointStatus = 'InService';

  constructor(change: Partial<Plan> = {}) {
    this.plan = { ...basicPlan(), ...change };
  }

  get activities(): RolloutActivities {
    const implementation: RolloutActivities = {
      compileRollout: () => Promise.resolve(this.plan),
      preflight: () => Promise.resolve(this.starting),
      train: ({ model: { training } }) =>
        Promise.resolve({
          jobName: training.jobName,
          artefact: 's3://a',
          trainingSeconds: 60,
          metrics: { accuracy: 0.9 },
        }),
      stopTraining: () => Promise.resolve(),
      register: () =>
        Promise.resolve({ packageArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/digits/1' }),
      createModel: () => Promise.resolve(),
      deploy: ({ deployment }) => {
        const before = this.weights;
        this.exists = true;
        this.config = deployment.configName;
        this.weights = Object.fromEntries(
          deployment.variants.map((v) => [v.name, before[v.name] ?? v.weight]),
        );
        return Promise.resolve(this.observe());
      },
      validate: () =>
        Promise.resolve({ goldenMatched: 1, goldenTotal: 1, latencyMs: 5, sentence: '1 of 1 answers' }),
      setWeights: ({ configName, weights }) => {
        if (configName !== this.config) throw failure('Drift', `the endpoint is on config ${this.config}`);
        this.weights = weights;
        return Promise.resolve(this.observe());
      },
      observeEndpoint: () => Promise.resolve(this.exists ? this.observe() : null),
      watchTraffic: (request) => Promise.resolve(this.watch(request)),
      deleteConfig: () => Promise.resolve(),
      deleteEndpoint: () => {
        this.exists = false;
        return Promise.resolve();
      },
    };
    return instrument(implementation, (name, argument) => this.enter(name, argument));
  }

  observe(): EndpointObservation {
    const variants = Object.entries(this.weights).map(([name, weight]) => ({
      name,
      currentWeight: weight,
      desiredWeight: weight,
      currentCount: 2,
      desiredCount: 2,
      status: null,
    }));
    return {
      at: new Date(0).toISOString(),
      status: this.endpointStatus,
      configName: this.config,
      failureReason: null,
      variants,
    };
  }

  private enter(name: Name, argument: unknown): void {
    this.calls.push(describeCall(name, argument));
    const index = this.failures.findIndex((f) => f.activity === name);
    if (index >= 0) {
      const [{ type, message, retryable } = { type: 'Rejected' as const, message: 'gone' }] =
        this.failures.splice(index, 1);
      throw failure(type, message, retryable);
    }
    if (this.underWay.has(name)) throw watching(`${name} is under way`);
  }

  private watch(request: WatchRequest): WatchReport {
    const scripted = this.reports.length > 1 ? this.reports.shift() : this.reports[0];
    const report = scripted?.(request, activityInfo().currentAttemptScheduledTimestampMs) ?? {};
    if (report === 'watching') throw watching('error rate 0.42 % < 1 %, window 1 of 6');
    const state = request.carried ?? { guardrails: {}, alarms: [], stats: [], observation: this.observe() };
    return { kind: 'clear', sentence: 'all clear', verdicts: [], state, ...report };
  }
}

export function verdict(result: Verdict['result'], sentence: string): Verdict {
  return {
    guardrail: 'errorRate',
    result,
    reason: result === 'fail' ? 'outOfBound' : result === 'pass' ? 'withinBound' : 'noData',
    sentence,
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

export function live(): Starting {
  return {
    kind: 'live',
    configName: 'digits-original',
    variantName: 'AllTraffic',
    modelName: 'digits-old',
    instanceType: 'ml.m5.large',
    count: 2,
  };
}

function basicPlan(): Plan {
  return {
    version: 1,
    rolloutId,
    endpoint: 'digits',
    strategy: 'canary',
    models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'digits-new' } },
    registration: null,
    serve: { instanceType: null, count: null, metricPeriodSeconds: 60 },
    validation: null,
    steps: [
      { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
      { kind: 'bake', stage: 1, seconds: 1800 },
      { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
      { kind: 'bake', stage: 2, seconds: 1800 },
      { kind: 'setWeights', stage: 3, weights: { baseline: 0, candidate: 100 } },
    ],
    guardrails: [{ kind: 'alarm', id: 'alarm:digits-5xx', alarmName: 'digits-5xx' }],
    onInconclusive: 'hold',
    limits: { deploySeconds: 3600, shiftSeconds: 1800, rollbackSeconds: 7200, holdSeconds: 86_400 },
  };
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

function watching(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'Watching', message, category: 'BENIGN', nextRetryDelay: '10m' });
}

function describeCall(name: Name, argument: unknown): string {
  const a = argument as {
    weights?: Record<string, number>;
    deployment?: { configName: string };
    configName?: string;
  };
  switch (name) {
    case 'setWeights':
      return `setWeights ${Object.values(a.weights ?? {}).join('/')}`;
    case 'deploy':
      return `deploy ${a.deployment?.configName}`;
    case 'deleteConfig':
      return `deleteConfig ${a.configName}`;
    case 'watchTraffic':
      return `watch ${(argument as WatchRequest).mode}`;
    case 'train':
    case 'stopTraining':
    case 'compileRollout':
    case 'preflight':
    case 'register':
    case 'createModel':
    case 'validate':
    case 'observeEndpoint':
    case 'deleteEndpoint':
      return name;
  }
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
