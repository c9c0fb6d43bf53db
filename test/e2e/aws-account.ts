/** The state of the AWS account, as the SDK reads it. */
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  SageMakerServiceException,
  type DescribeEndpointConfigOutput,
  type DescribeEndpointOutput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';

export interface Served {
  status: string | undefined;
  config: string | undefined;
  /** `share`: percent of the traffic. */
  variants: { name: string; model: string | undefined; share: number; count: number | undefined }[];
  /** The requested configs that exist. */
  configs: string[];
}

/** Null: the endpoint does not exist. */
export async function readEndpoint(
  sagemaker: SageMakerClient,
  EndpointName: string,
): Promise<DescribeEndpointOutput | null> {
  return orNull(sagemaker.send(new DescribeEndpointCommand({ EndpointName })));
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SageMakerServiceException && /could not find/i.test(error.message)) return null;
    throw error;
  }
}

export async function readStatus(sagemaker: SageMakerClient, endpoint: string): Promise<string | undefined> {
  return (await readEndpoint(sagemaker, endpoint))?.EndpointStatus;
}

async function readConfig(
  sagemaker: SageMakerClient,
  EndpointConfigName: string | undefined,
): Promise<DescribeEndpointConfigOutput | null> {
  return orNull(sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName })));
}

export async function readServed(
  sagemaker: SageMakerClient,
  endpoint: string,
  configNames: string[],
): Promise<Served> {
  const found = await Promise.all(configNames.map((name) => readConfig(sagemaker, name)));
  const configs = found.flatMap((config) => config?.EndpointConfigName ?? []).sort();
  const seen = await readEndpoint(sagemaker, endpoint);
  if (!seen) return { status: undefined, config: undefined, variants: [], configs };
  const { EndpointConfigName } = seen;
  const config = await readConfig(sagemaker, EndpointConfigName);
  const models = new Map(config?.ProductionVariants?.map((each) => [each.VariantName, each.ModelName]));
  const live = seen.ProductionVariants ?? [];
  const total = live.reduce((sum, variant) => sum + (variant.CurrentWeight ?? 0), 0);
  return {
    status: seen.EndpointStatus,
    config: EndpointConfigName,
    variants: live.map((variant) => ({
      name: variant.VariantName ?? '',
      model: models.get(variant.VariantName),
      share: (100 * (variant.CurrentWeight ?? 0)) / total,
      count: variant.CurrentInstanceCount,
    })),
    configs,
  };
}
