/** Rollouts that together make every call that Penstock makes. */
import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../../src/plan/outcome.js';
import { readStatus } from '../../e2e/aws-account.js';
import { createModel, createOriginal } from '../../e2e/live-endpoint.js';
import { trained } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import type { Account, Twist } from './aws-account.js';
import type { Trouble } from './faults.js';

export interface Scenario {
  name: string;
  /** Where nothing goes wrong with AWS. */
  outcome: Outcome;
  /** The baseline is trained by the rollout, or serves already. */
  startsLive: boolean;
  /** As the baseline is, unless given. */
  trainsCandidate?: true;
  /** Of the spec; `ENDPOINT-alarm` is an alarm that is OK. */
  fields(endpoint: string): object;
  /** Of the candidate, and of users. */
  prepare?(account: Account): Promise<void>;
  /** What must be so before it starts. */
  isReady?(account: Account): Promise<boolean>;
  twist?: Twist;
  /** Until the first bake, or an abort before it. */
  beginsLikeAnother?: true;
  /** Which troubles are tried with it; all unless given. */
  tries?(act: string, trouble: Trouble): boolean;
  /** The test aborts in the midst of this act. */
  abortsIn?: string;
}

const requestsPerSecond = 8;
const strategy = { canary: { steps: ['25%'], bake: '4m' } };
const limits = { deploy: '40m', shift: '30m', rollBack: '30m' };
const serve = { metricsEvery: '60s', limits };
const errorRate = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '2m', dataDelay: '1m' };

function usual(endpoint: string) {
  return { strategy, serve, guardrails: [{ alarm: alarmOf(endpoint) }, errorRate] };
}

function bothTrained(endpoint: string) {
  const register = { group: endpoint };
  return {
    ...usual(endpoint),
    models: { baseline: trained('old'), candidate: trained('new'), register },
    serve: { ...serve, instance: 'ml.m5.large', count: 1 },
    validate: { smoke: [{ body: { user: 7 } }] },
  };
}

/**
 * A job that cannot be started or seen. Two that fail at once are for a real server, in test/e2e/interrupted-attempts.test.ts: the
 * time-skipping one loses a workflow task that cancels an activity which has just ended.
 */
function endsTraining(act: string, { kind, lasts }: Trouble): boolean {
  return act.startsWith('train ') && (lasts === 'forGood' || kind === 'inProgress');
}

/** What was sold to those who met the candidate, for all who met the baseline; who are none in the rollback window. */
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

const alarmFires: Twist = async (act, attempt, { cloudwatch, endpoint }) => {
  if (act === 'watchTraffic bake 25 %' && attempt === 2)
    await setAlarmState(cloudwatch, alarmOf(endpoint), 'ALARM');
};

/** Somebody has set the version back that an attempt before had added. */
const versionIsPending: Twist = async (act, attempt, { sagemaker, endpoint, rolloutId }) => {
  if (act !== 'register candidate' || attempt > 1) return;
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

/** Preflight asks for it. */
async function hasVisitors({ cloudwatch }: Account): Promise<boolean> {
  const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: 'Shop' }));
  return Metrics.length > 0;
}

export const stories: Scenario[] = [
  {
    name: 'trained',
    outcome: 'promoted',
    startsLive: false,
    fields: bothTrained,
    twist: versionIsPending,
    tries: (act, trouble) => !endsTraining(act, trouble),
  },
  {
    name: 'half-trained',
    outcome: 'promoted',
    startsLive: true,
    trainsCandidate: true,
    fields: (endpoint) => ({
      ...usual(endpoint),
      models: { baseline: 'live', candidate: trained('new') },
    }),
    tries: endsTraining,
  },
  {
    name: 'withdrawn',
    outcome: 'aborted',
    startsLive: false,
    beginsLikeAnother: true,
    fields: bothTrained,
    abortsIn: 'train a',
  },
  {
    name: 'guarded',
    outcome: 'promoted',
    startsLive: true,
    fields: (endpoint) => ({
      ...usual(endpoint),
      guardrails: [...usual(endpoint).guardrails, sales],
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
    fields: usual,
    prepare: candidateFails,
    twist: alarmFires,
  },
  {
    name: 'apart',
    outcome: 'promoted',
    startsLive: true,
    fields: (endpoint) => ({
      ...usual(endpoint),
      serve: { ...serve, topology: 'endpoints' },
      onInconclusive: { rollBack: { after: '30m' } },
    }),
  },
  {
    name: 'apart-fails',
    outcome: 'rolledBack',
    startsLive: true,
    beginsLikeAnother: true,
    fields: (endpoint) => ({ ...usual(endpoint), serve: { ...serve, topology: 'endpoints' } }),
    prepare: candidateFails,
  },
];

/** All that a story begins with. */
export async function setTheScene(story: Scenario, account: Account): Promise<void> {
  const { cloudwatch, emulator, endpoint, sagemaker } = account;
  await putManualAlarm(cloudwatch, alarmOf(endpoint));
  await story.prepare?.(account);
  await emulator.setTraffic({ endpoint, requestsPerSecond });
  if (!story.startsLive) return;
  await createModel(sagemaker, `${endpoint}-1`);
  await createModel(sagemaker, `${endpoint}-2`);
  await createOriginal(sagemaker, endpoint);
  while ((await readStatus(sagemaker, endpoint)) !== 'InService') await delay(50);
  while (story.isReady && !(await story.isReady(account))) await delay(50);
}

/** Users of the candidate's own endpoint, whose name comes with the rollout. */
export async function sendUsers({ emulator, rolloutId }: Account): Promise<void> {
  await emulator.setTraffic({ endpoint: rolloutId, requestsPerSecond });
}

function alarmOf(endpoint: string): string {
  return `${endpoint}-alarm`;
}
