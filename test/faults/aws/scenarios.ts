/** Rollouts that together make every AWS call of Penstock. */
import {
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import type { Outcome } from '../../../src/plan/outcome.js';
import { readStatus } from '../../e2e/aws-account.js';
import { createModel, createOriginal } from '../../e2e/live-endpoint.js';
import { trained } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import type { Account, BeforeAttempt } from './aws-account.js';

export interface Scenario {
  name: string;
  /** The outcome without faults. */
  outcome: Outcome;
  /** True: the baseline is in service. False: the rollout trains it. */
  startsLive: boolean;
  /** Default: the candidate is trained if the baseline is trained. */
  trainsCandidate?: true;
  /** Fields of the spec. `ENDPOINT-alarm` is an alarm in state OK. */
  fields(endpoint: string): object;
  /** Sets the behaviour of the candidate and of the users. */
  prepare?(account: Account): Promise<void>;
  /** Autoscaling of the baseline. Default: none. */
  isScaled?: true;
  /** The rollout starts when this returns true. */
  isReady?(account: Account): Promise<boolean>;
  beforeAttempt?: BeforeAttempt;
  /** The scenario equals another one until its first bake, or until an abort before it. */
  beginsLikeAnother?: true;
  /** Whether the matrix contains this action of this scenario; default: all actions. */
  includes?(action: string): boolean;
  /** The test aborts during this action. */
  abortsIn?: string;
  /** The spec says perRollout. Default: a promotion gives the candidate the baseline's name. */
  keepsOwnName?: true;
}

const requestsPerSecond = 8;
const stepMs = 10_000;
const strategy = { canary: { steps: ['25%'], bake: '4m' } };
const limits = { deploy: '40m', shift: '30m', rollBack: '30m' };
const serve = { metricsEvery: '60s', limits };
const errorRate = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '2m', dataDelay: '1m' };

function commonFields(endpoint: string) {
  return { strategy, serve, guardrails: [{ alarm: alarmOf(endpoint) }, errorRate] };
}

function bothTrained(endpoint: string) {
  const register = { group: endpoint };
  return {
    ...commonFields(endpoint),
    models: { baseline: trained('old'), candidate: trained('new'), register },
    serve: { ...serve, instance: 'ml.m5.large', count: 1 },
    validate: { smoke: [{ body: { user: 7 } }] },
  };
}

/** Sales to users of the candidate, per user of the baseline. In the rollback window the baseline has no users. */
const sales = {
  metric: 'sales',
  above: '0.001%',
  ...{ window: '2m', dataDelay: '1m' },
  source: {
    expression: 'sold / FILL(came, 1)',
    metrics: {
      sold: { namespace: 'Shop', name: 'Conversions' },
      came: {
        namespace: 'Shop',
        name: 'Visitors',
        dimensions: { EndpointName: '{endpoint}', VariantName: 'AllTraffic' },
      },
    },
  },
};

const alarmFires: BeforeAttempt = async (action, attempt, { cloudwatch, endpoint }) => {
  if (action === 'watchTraffic bake 25 %' && attempt === 2)
    await setAlarmState(cloudwatch, alarmOf(endpoint), 'ALARM');
};

const withPendingVersion = new WeakSet<Account>();

/** Someone has reset the approval of the version that an earlier attempt added. */
const versionIsPending: BeforeAttempt = async (action, _attempt, account) => {
  const { sagemaker, endpoint, rolloutId } = account;
  // A blocked registration starts again with attempt 1, and a fault can also hit this call.
  if (action !== 'registerModel candidate' || withPendingVersion.has(account)) return;
  withPendingVersion.add(account);
  const command = new CreateModelPackageCommand({
    ModelPackageGroupName: endpoint,
    ModelPackageDescription: `Penstock rollout ${rolloutId}, candidate`,
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { Containers: [{ Image: 'simulated/new', ModelDataUrl: 's3://bucket/model' }] },
  });
  await sagemaker.send(command);
};

const candidateFails = ({ emulator, endpoint }: Account) =>
  emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.3 });

const sells = ({ emulator, endpoint }: Account) =>
  emulator.setBehaviour({ model: `${endpoint}-*`, conversionRate: 0.3 });

/** Preflight checks that this metric exists. */
async function hasVisitors({ cloudwatch }: Account): Promise<boolean> {
  const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: 'Shop' }));
  return Metrics.length > 0;
}

export const scenarios: Scenario[] = [
  {
    name: 'trained',
    outcome: 'promoted',
    startsLive: false,
    fields: bothTrained,
    beforeAttempt: versionIsPending,
  },
  {
    name: 'half-trained',
    outcome: 'promoted',
    startsLive: true,
    trainsCandidate: true,
    fields: (endpoint) => ({
      ...commonFields(endpoint),
      models: { baseline: 'live', candidate: trained('new') },
    }),
    includes: (action) => action.startsWith('trainModel '),
  },
  {
    name: 'withdrawn',
    outcome: 'aborted',
    startsLive: false,
    beginsLikeAnother: true,
    fields: bothTrained,
    abortsIn: 'trainModel a',
  },
  {
    name: 'guarded',
    outcome: 'promoted',
    startsLive: true,
    fields: (endpoint) => ({
      ...commonFields(endpoint),
      guardrails: [...commonFields(endpoint).guardrails, sales],
      rollbackWindow: { for: '5m', baseline: 'scaledIn' },
    }),
    prepare: sells,
    isReady: hasVisitors,
  },
  {
    name: 'fires',
    outcome: 'rolledBack',
    startsLive: true,
    beginsLikeAnother: true,
    fields: commonFields,
    prepare: candidateFails,
    beforeAttempt: alarmFires,
  },
  {
    name: 'apart',
    outcome: 'promoted',
    startsLive: true,
    fields: (endpoint) => ({
      ...commonFields(endpoint),
      serve: { ...serve, topology: 'endpoints' },
      onInconclusive: { rollBack: { after: '30m' } },
    }),
  },
  {
    name: 'scaled',
    outcome: 'promoted',
    startsLive: true,
    isScaled: true,
    fields: commonFields,
    includes: (action) => action === 'preflight' || action.startsWith('deploy '),
  },
  {
    name: 'own-name',
    outcome: 'promoted',
    startsLive: true,
    isScaled: true,
    beginsLikeAnother: true,
    keepsOwnName: true,
    fields: (endpoint) => ({
      ...commonFields(endpoint),
      serve: { ...serve, variantNames: 'perRollout' },
    }),
    includes: (action) => action.startsWith('deploy '),
  },
  {
    name: 'scaled-fails',
    outcome: 'rolledBack',
    startsLive: true,
    isScaled: true,
    beginsLikeAnother: true,
    fields: commonFields,
    prepare: candidateFails,
    includes: (action) => action.startsWith('deploy '),
  },
  {
    name: 'apart-fails',
    outcome: 'rolledBack',
    startsLive: true,
    beginsLikeAnother: true,
    fields: (endpoint) => ({ ...commonFields(endpoint), serve: { ...serve, topology: 'endpoints' } }),
    prepare: candidateFails,
  },
];

/** Creates everything that exists before the rollout. */
export async function prepareAccount(scenario: Scenario, account: Account): Promise<void> {
  const { cloudwatch, emulator, endpoint, sagemaker, temporal } = account;
  await putManualAlarm(cloudwatch, alarmOf(endpoint));
  await scenario.prepare?.(account);
  await emulator.setTraffic({ endpoint, requestsPerSecond });
  if (!scenario.startsLive) return;
  await createModel(sagemaker, `${endpoint}-1`);
  await createModel(sagemaker, `${endpoint}-2`);
  await createOriginal(sagemaker, endpoint);
  while ((await readStatus(sagemaker, endpoint)) !== 'InService') await temporal.skip(stepMs);
  if (scenario.isScaled) await scaleBaseline(account);
  while (scenario.isReady && !(await scenario.isReady(account))) await temporal.skip(stepMs);
}

async function scaleBaseline({ autoscaling, endpoint }: Account): Promise<void> {
  const target = {
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${endpoint}/variant/AllTraffic`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
  const Tags = { CostCenter: 'ml-42' };
  await autoscaling.send(
    new RegisterScalableTargetCommand({ ...target, MinCapacity: 2, MaxCapacity: 4, Tags }),
  );
  await autoscaling.send(
    new PutScalingPolicyCommand({
      ...{ ...target, PolicyName: 'invocations', PolicyType: 'TargetTrackingScaling' },
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 5_000,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    }),
  );
  await autoscaling.send(
    new PutScheduledActionCommand({
      ...{ ...target, ScheduledActionName: 'mornings', Schedule: 'cron(0 6 * * ? *)' },
      ScalableTargetAction: { MinCapacity: 2 },
    }),
  );
}

/** Users of the candidate's endpoint, whose name is known when the rollout has started. */
export async function sendUsers({ emulator, rolloutId }: Account): Promise<void> {
  await emulator.setTraffic({ endpoint: rolloutId, requestsPerSecond });
}

function alarmOf(endpoint: string): string {
  return `${endpoint}-alarm`;
}
