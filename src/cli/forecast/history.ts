/** The endpoint's last two weeks, with the AWS account that the environment names. Large: loaded where it is asked for. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { createMetricReader } from '../../activities/metrics/metric-loader.js';
import { readTrafficHistory, type TrafficHistory } from '../../activities/metrics/traffic-history.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { UsageError } from '../support/usage-error.js';

/** Clients of another account, or of the emulator. */
export interface AwsClients {
  sagemaker: SageMakerClient;
  cloudwatch: CloudWatchClient;
}

/** Throws UsageError where AWS cannot be reached, refuses, or has nothing: the forecast then needs to be told. */
export async function readHistory(plan: Plan, nowMs: number, clients?: AwsClients): Promise<TrafficHistory> {
  try {
    const { sagemaker, cloudwatch } = clients ?? {
      sagemaker: new SageMakerClient(),
      cloudwatch: new CloudWatchClient(),
    };
    const { ProductionVariants = [] } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: plan.endpoint }),
    );
    const variants = ProductionVariants.flatMap(({ VariantName }) => VariantName ?? []);
    return await readTrafficHistory(createMetricReader(cloudwatch), plan, variants, nowMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The traffic of ${plan.endpoint} is not known: ${reason}`);
  }
}
