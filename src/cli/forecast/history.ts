/** The last two weeks of an endpoint, with the AWS credentials of the environment. Large, so it is loaded on demand. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { createMetricReader } from '../../activities/metrics/metric-loader.js';
import { readTrafficHistory, type TrafficHistory } from '../../activities/metrics/traffic-history.js';
import { replacedVariantOf } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { UsageError } from '../support/usage-error.js';

/** Clients for another account, or for the emulator. */
export interface AwsClients {
  sagemaker: SageMakerClient;
  cloudwatch: CloudWatchClient;
}

/** Throws UsageError if AWS is unreachable, rejects the request, or has no data. */
export async function readHistory(plan: Plan, nowMs: number, clients?: AwsClients): Promise<TrafficHistory> {
  try {
    const { sagemaker, cloudwatch } = clients ?? {
      sagemaker: new SageMakerClient(),
      cloudwatch: new CloudWatchClient(),
    };
    const { ProductionVariants = [] } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: plan.endpoint }),
    );
    const replaced = replacedVariantOf(plan.models.baseline);
    const names = ProductionVariants.flatMap(({ VariantName }) => VariantName ?? []);
    const variants = names.filter((name) => replaced === null || name === replaced);
    return await readTrafficHistory(createMetricReader(cloudwatch), plan, variants, nowMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `Cannot read the traffic of ${plan.endpoint} from CloudWatch (pass --requests-per-hour instead): ${reason}`,
    );
  }
}
