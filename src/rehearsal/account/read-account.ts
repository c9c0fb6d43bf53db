/**
 * The account of a live endpoint, read from AWS: its config, its alarms, and two weeks of its traffic. Changes nothing.
 * The AWS clients are large, so this file is loaded on demand.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { createMetricReader } from '../../activities/metrics/metric-loader.js';
import { replacedVariantOf } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { AccountUnreadable } from './account-unreadable.js';
import { readAlarms } from './read-alarms.js';
import { readTraffic } from './read-traffic.js';
import { usersAt, type RehearsedAccount } from './rehearsed-account.js';

export interface AwsReaders {
  sagemaker: SageMakerClient;
  cloudwatch: CloudWatchClient;
}

/** `nowMs`: end of the two weeks, in milliseconds since the epoch. Fails: AccountUnreadable. */
export async function readAccount(
  plan: Plan,
  nowMs: number,
  readers?: AwsReaders,
): Promise<RehearsedAccount> {
  try {
    const { sagemaker, cloudwatch } = readers ?? {
      sagemaker: new SageMakerClient(),
      cloudwatch: new CloudWatchClient(),
    };
    const endpoint = await readEndpoint(sagemaker, plan);
    const { variantName } = endpoint;
    const [{ traffic, baseline }, { alarms, assumptions }] = await Promise.all([
      readTraffic(createMetricReader(cloudwatch), { endpoint: plan.endpoint, variant: variantName, nowMs }),
      readAlarms(cloudwatch, plan),
    ]);
    return {
      source: 'aws',
      endpoint,
      traffic: { ...traffic, users: usersAt(traffic.requestsPerSecond) },
      overloadAbove: null,
      ...{ baseline, alarms },
      assumptions: ['autoscaling: not read; the baseline has the instances that it has now', ...assumptions],
    };
  } catch (error) {
    throw new AccountUnreadable(plan.endpoint, error instanceof Error ? error.message : String(error));
  }
}

/** Throws Error if a rollout could not start from this endpoint. */
async function readEndpoint(
  sagemaker: SageMakerClient,
  plan: Plan,
): Promise<NonNullable<RehearsedAccount['endpoint']>> {
  const live = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: plan.endpoint }));
  const { EndpointConfigName } = live;
  const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
  const { ProductionVariants: variants = [] } = config;
  const wanted = replacedVariantOf(plan.models.baseline);
  const [variant, ...more] = variants.filter(({ VariantName }) => wanted === null || VariantName === wanted);
  if (variant === undefined) throw new Error(`it has no variant ${wanted ?? 'with a model'}`);
  if (more.length > 0)
    throw new Error(
      `it has ${more.length + 1} production variants; set models.baseline to { variant: NAME } with one of ${variants.map(({ VariantName }) => VariantName).join(', ')}`,
    );
  const { VariantName = '', InstanceType, InitialInstanceCount } = variant;
  if (InstanceType === undefined)
    throw new Error('it has no instance type; a rollout starts from a variant with instances');
  const summary = live.ProductionVariants?.find((each) => each.VariantName === VariantName);
  return {
    variantName: VariantName,
    instanceType: InstanceType,
    instances: summary?.DesiredInstanceCount ?? InitialInstanceCount ?? 1,
  };
}
