import { setTimeout as sleep } from 'node:timers/promises';
import type {
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
  SageMaker,
} from '@aws-sdk/client-sagemaker';

/** A request for a job with this image and with channels from these S3 URIs. */
export function trainingRequest(
  TrainingJobName: string,
  TrainingImage: string,
  channels: Record<string, string>,
  HyperParameters: Record<string, string> = {},
): CreateTrainingJobRequest {
  return {
    TrainingJobName,
    AlgorithmSpecification: {
      TrainingImage,
      TrainingInputMode: 'File',
      MetricDefinitions: [
        { Name: 'validation:accuracy', Regex: 'accuracy=([0-9.]+)' },
        { Name: 'train:loss', Regex: 'loss=([0-9.]+)' },
      ],
    },
    RoleArn: 'arn:aws:iam::123456789012:role/penstock-sagemaker',
    InputDataConfig: Object.entries(channels).map(([ChannelName, S3Uri]) => ({
      ChannelName,
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri } },
    })),
    OutputDataConfig: { S3OutputPath: 's3://models/rollouts/' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    HyperParameters,
  };
}

/** Describes the job until `isDone`. Only the last description is of a job that is done. */
export async function watchJob(
  sageMaker: SageMaker,
  TrainingJobName: string,
  isDone: (job: DescribeTrainingJobResponse) => boolean = (job) =>
    ['Completed', 'Failed', 'Stopped'].includes(job.TrainingJobStatus ?? ''),
): Promise<DescribeTrainingJobResponse> {
  for (;;) {
    const job = await sageMaker.describeTrainingJob({ TrainingJobName });
    if (isDone(job)) return job;
    await sleep(50);
  }
}

/** Waits until no change of the endpoint is in progress, and returns its status. */
export async function settledStatus(sageMaker: SageMaker, EndpointName: string): Promise<string> {
  for (;;) {
    const { EndpointStatus = '' } = await sageMaker.describeEndpoint({ EndpointName });
    if (['InService', 'Failed'].includes(EndpointStatus)) return EndpointStatus;
    await sleep(50);
  }
}
