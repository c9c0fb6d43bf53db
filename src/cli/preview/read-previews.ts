/** Reads live endpoints as the preflight does, with the AWS credentials of the environment. Large, so it is loaded on demand. */
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import { createWorkerAccount } from '../../activities/aws/account.js';
import { keepConfigAnswers } from '../../activities/endpoint/unknown-members.js';
import { createAlarmReader } from '../../activities/alarms/alarm-reader.js';
import { createMetricReader } from '../../activities/metrics/metric-loader.js';
import { createMetricCatalogue } from '../../activities/metrics/metric-catalogue.js';
import { createSpacingReader } from '../../activities/metrics/metric-spacing.js';
import { createInstanceQuotaReader } from '../../activities/preflight/instance-quotas.js';
import { readIdentity } from '../../activities/preflight/permissions.js';
import { inspectStart } from '../../activities/preflight/inspect-start.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { UsageError } from '../support/usage-error.js';
import { previewOf, type Preview } from './preview.js';

/** Clients for another account, or for the emulator. */
export interface PreviewClients {
  sagemaker: SageMakerClient;
  autoscaling: ApplicationAutoScalingClient;
  cloudwatch: CloudWatchClient;
  quotas: ServiceQuotasClient;
  sts: STSClient;
}

/** One preview for each plan. Throws UsageError if AWS is unreachable or rejects a request. */
export async function readPreviews(
  plans: readonly Plan[],
  nowMs: number,
  clients?: PreviewClients,
): Promise<Preview[]> {
  const { sagemaker, autoscaling, cloudwatch, quotas, sts } = clients ?? {
    sagemaker: new SageMakerClient(),
    autoscaling: new ApplicationAutoScalingClient(),
    cloudwatch: new CloudWatchClient(),
    quotas: new ServiceQuotasClient(),
    sts: new STSClient(),
  };
  keepConfigAnswers(sagemaker);
  const readers = {
    ...{ sagemaker, autoscaling },
    account: createWorkerAccount(sagemaker),
    alarms: createAlarmReader(cloudwatch),
    catalogue: createMetricCatalogue(cloudwatch),
    spacings: createSpacingReader(cloudwatch),
    metrics: createMetricReader(cloudwatch),
    quotas: createInstanceQuotaReader(quotas, cloudwatch),
    permissions: null,
  };
  const identity = await readIdentity(sts);
  const caller = 'value' in identity ? identity.value.arn : null;
  const previews: Preview[] = [];
  for (const plan of plans) {
    try {
      previews.push(previewOf(plan, await inspectStart(readers, plan, nowMs), caller));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`Cannot read ${plan.endpoint} from AWS: ${reason}`);
    }
  }
  return previews;
}
