import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type CreateModelInput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';

export const role = 'arn:aws:iam::123456789012:role/penstock-sagemaker';

export async function createModel(
  sagemaker: SageMakerClient,
  ModelName: string,
  settings: Partial<CreateModelInput> = {},
): Promise<void> {
  const PrimaryContainer = { Image: `simulated/${ModelName}` };
  const input = { ModelName, ExecutionRoleArn: role, PrimaryContainer, ...settings };
  await sagemaker.send(new CreateModelCommand(input));
}

export async function createConfig(
  sagemaker: SageMakerClient,
  EndpointConfigName: string,
  ModelName: string,
): Promise<void> {
  const command = new CreateEndpointConfigCommand({
    EndpointConfigName,
    ProductionVariants: [
      { VariantName: 'AllTraffic', ModelName, InstanceType: 'ml.m5.large', InitialInstanceCount: 2 },
    ],
    MetricsConfig: { EnableEnhancedMetrics: true, MetricPublishFrequencyInSeconds: 10 },
  });
  await sagemaker.send(command);
}

/** Model NAME-1 on config NAME-original. */
export async function createOriginal(sagemaker: SageMakerClient, endpoint: string): Promise<void> {
  await createConfig(sagemaker, `${endpoint}-original`, `${endpoint}-1`);
  const EndpointConfigName = `${endpoint}-original`;
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
}
