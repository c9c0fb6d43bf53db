/** The account of a scenario, before the rollout: a live endpoint with users. */
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import {
  openInProcess,
  type InProcessEmulator,
  type InProcessOptions,
} from '../../../../src/emulator/in-process.js';
import type { ScalingRule } from '../../../../src/emulator/application-auto-scaling/scaling-rule.js';
import type { Behaviour as EmulatedBehaviour } from '../../../../src/emulator/traffic/behaviours.js';
import type { Simulation } from '../../../../src/simulation/simulation.js';
import { createModel } from '../../../e2e/live-endpoint.js';
import { putManualAlarm } from '../../../support/settable-alarm.js';
import {
  alarms,
  conversions,
  endpoint,
  group,
  leftBy,
  models,
  variantAlarm,
  type Account,
  type Behaviour,
} from '../scenario.js';
import { hosting, ownersTag, scheduleAction } from './kept.js';
import { firstPairFraction } from './others.js';
import { configOf, originalConfig, originalVariant } from './people.js';

/** The endpoint has been in service for some minutes when the rollout starts. */
const beforeMs = 8 * 60_000;

export function accountOptionsOf({
  account,
  seed,
}: {
  account: Account;
  seed: number;
}): Omit<InProcessOptions, 'clock'> {
  const { durations, lateMs, staleReadsMs } = account;
  return {
    ...{ seed, lateMs, pace: { ...durations, spread: 0.2 } },
    sageMaker: {
      staleReadsMs,
      scaling: scalingRulesOf(account),
    },
    behaviours: [
      ...behavioursOf('baseline', account.baseline),
      ...behavioursOf('candidate', account.candidate),
    ],
  };
}

function scalingRulesOf({ scaling, requestsPerSecond, weight, others }: Account): ScalingRule[] {
  const rules = scaling === null ? [] : [{ endpoint, variant: originalVariant, ...scaling }];
  return [
    ...rules,
    ...others.flatMap((other) => {
      if (!other.isScaled) return [];
      const { weight: own, count } = leftBy(other);
      const perMinute = (60 * requestsPerSecond * own) / weight;
      const target = { targetInvocationsPerInstance: Math.max(1, perMinute / (count - 0.5)) };
      return [{ endpoint, variant: other.name, ...target, minCount: 1, maxCount: count + 2 }];
    }),
  ];
}

/** Another account, in which nothing exists. */
export function openElsewhere({ temporal: { clock } }: Simulation): Promise<InProcessEmulator> {
  return openInProcess({ account: '999999999999', seed: 1, clock: { now: () => clock.nowMs } });
}

export function behavioursOf(
  model: keyof typeof models,
  { errorRate, p50Ms, conversionRate }: Behaviour,
): EmulatedBehaviour[] {
  const behaviour = {
    ...{ errorRate, conversionRate },
    latencyMs: { p50: p50Ms, p99: 3 * p50Ms },
    conversionMetric: conversions,
  };
  // A rollout calls the model that it makes from a version after itself.
  const names = model === 'baseline' ? [models.baseline] : [models.candidate, `${endpoint}-*-b`];
  return names.map((name) => ({ model: name, ...behaviour }));
}

/** Its owner has tuned it, and tagged it. */
function tunedConfig({ count, weight, others }: Account) {
  const config = configOf(originalConfig, count);
  const baseline = config.ProductionVariants.map((variant) => ({
    ...{ ...variant, ...hosting },
    ...(others.length === 0 ? {} : { InitialVariantWeight: weight }),
  }));
  const beside = others.map((other) => ({
    ...{ VariantName: other.name, ModelName: models[other.model], VolumeSizeInGB: 32 },
    ...{ InstanceType: 'ml.c5.xlarge' as const, InitialInstanceCount: other.count },
    InitialVariantWeight: other.weight,
  }));
  const ProductionVariants = [...beside.slice(0, -1), ...baseline, ...beside.slice(-1)];
  return { ...config, ProductionVariants, Tags: [ownersTag] };
}

/** Owners change weights and counts of live variants without a new config. */
async function setOthers({ aws, emulator, temporal }: Simulation, { others }: Account): Promise<void> {
  for (const other of others) {
    if (other.since === null) continue;
    const { weight, count } = leftBy(other);
    // Autoscaling can be changing the endpoint.
    while ((await emulator.observe(endpoint))?.status !== 'InService') await temporal.skip(30_000);
    // SageMaker changes the instances of one variant at a time.
    await aws.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: [
          { VariantName: other.name, DesiredWeight: weight, DesiredInstanceCount: count },
        ],
      }),
    );
    await temporal.skip(beforeMs);
  }
}

/** Fires if nearly all requests of the variant fail. */
const variantAlarmDefinition: PutMetricAlarmCommandInput = {
  AlarmName: variantAlarm,
  ...{ Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors', Statistic: 'Average', Period: 60 },
  Dimensions: [
    { Name: 'EndpointName', Value: endpoint },
    { Name: 'VariantName', Value: 'AllTraffic' },
  ],
  ...{ EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 0.9 },
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

export async function createWorld(simulation: Simulation, account: Account): Promise<void> {
  const { aws, emulator, temporal } = simulation;
  const { sagemaker, cloudwatch } = aws;
  for (const model of Object.values(models)) await createModel(sagemaker, model);
  await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: group }));
  await sagemaker.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: group,
      ModelApprovalStatus: 'Approved',
      InferenceSpecification: { Containers: [{ Image: `simulated/${models.candidate}` }] },
    }),
  );
  const capture: Pick<CreateEndpointConfigCommandInput, 'DataCaptureConfig'> = account.dataCapture
    ? {
        DataCaptureConfig: {
          ...{ EnableCapture: true, InitialSamplingPercentage: 10, DestinationS3Uri: 's3://captured/ranker' },
          CaptureOptions: [{ CaptureMode: 'Input' }],
        },
      }
    : {};
  await sagemaker.send(new CreateEndpointConfigCommand({ ...tunedConfig(account), ...capture }));
  await sagemaker.send(
    new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: originalConfig }),
  );
  for (const alarm of alarms) await putManualAlarm(cloudwatch, alarm);
  await cloudwatch.send(new PutMetricAlarmCommand(variantAlarmDefinition));
  const requestsPerSecond = account.requestsPerSecond / firstPairFraction(account);
  await emulator.setTraffic({ endpoint, requestsPerSecond });
  await temporal.skip(beforeMs);
  await setOthers(simulation, account);
  if (account.scaling !== null) await scheduleAction(aws);
}
