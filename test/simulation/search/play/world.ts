/** The account of a scenario, before the rollout: a live endpoint with users. */
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
} from '@aws-sdk/client-sagemaker';
import type { InProcessOptions } from '../../../../src/emulator/in-process.js';
import type { Behaviour as EmulatedBehaviour } from '../../../../src/emulator/traffic/behaviours.js';
import type { Simulation } from '../../../../src/simulation/simulation.js';
import { createModel } from '../../../e2e/live-endpoint.js';
import { putManualAlarm } from '../../../support/settable-alarm.js';
import {
  alarms,
  conversions,
  endpoint,
  group,
  models,
  variantAlarm,
  type Account,
  type Behaviour,
} from '../scenario.js';
import { hosting, ownersTag, scheduleAction } from './kept.js';
import { configOf, originalConfig } from './people.js';

/** The endpoint has been in service for some minutes when the rollout starts. */
const beforeMs = 8 * 60_000;

export function accountOptionsOf({
  account,
  seed,
}: {
  account: Account;
  seed: number;
}): Omit<InProcessOptions, 'clock'> {
  const { durations, lateMs, staleReadsMs, scaling } = account;
  return {
    ...{ seed, lateMs, pace: { ...durations, spread: 0.2 } },
    sageMaker: {
      staleReadsMs,
      scaling: scaling === null ? [] : [{ endpoint, variant: 'AllTraffic', ...scaling }],
    },
    behaviours: [
      ...behavioursOf('baseline', account.baseline),
      ...behavioursOf('candidate', account.candidate),
    ],
  };
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
function tunedConfig(count: number) {
  const config = configOf(originalConfig, count);
  const ProductionVariants = config.ProductionVariants.map((variant) => ({ ...variant, ...hosting }));
  return { ...config, ProductionVariants, Tags: [ownersTag] };
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

export async function createWorld({ aws, emulator, temporal }: Simulation, account: Account): Promise<void> {
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
  await sagemaker.send(new CreateEndpointConfigCommand({ ...tunedConfig(account.count), ...capture }));
  await sagemaker.send(
    new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: originalConfig }),
  );
  for (const alarm of alarms) await putManualAlarm(cloudwatch, alarm);
  await cloudwatch.send(new PutMetricAlarmCommand(variantAlarmDefinition));
  await emulator.setTraffic({ endpoint, requestsPerSecond: account.requestsPerSecond });
  await temporal.skip(beforeMs);
  if (account.scaling !== null) await scheduleAction(aws);
}
