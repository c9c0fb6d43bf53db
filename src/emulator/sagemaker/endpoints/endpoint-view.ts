import type {
  DescribeEndpointOutput,
  PendingDeploymentSummary,
  PendingProductionVariantSummary,
  ProductionVariantStatus,
  ProductionVariantSummary,
  VariantStatus,
} from '@aws-sdk/client-sagemaker';
import type { AccountState } from '../../account/account-state.js';
import type { EmulatedDeployment, Endpoint, Variant } from './endpoint-state.js';

/** The current response of DescribeEndpoint. */
export function viewOf(endpoint: Endpoint): DescribeEndpointOutput {
  const { config, change, lastDeploymentConfig } = endpoint;
  const { AsyncInferenceConfig, ExplainerConfig, MetricsConfig } = config.request;
  const deployment = change?.kind === 'deployment' ? change : null;
  return {
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: config.name,
    EndpointStatus: endpoint.status,
    FailureReason: endpoint.failureReason,
    CreationTime: new Date(endpoint.createdAt),
    LastModifiedTime: new Date(endpoint.modifiedAt),
    ...variantsView('ProductionVariants', endpoint, endpoint.variants),
    ...variantsView('ShadowProductionVariants', endpoint, endpoint.shadows),
    ...dataCaptureView(endpoint),
    ...(lastDeploymentConfig ? { LastDeploymentConfig: lastDeploymentConfig } : {}),
    ...(AsyncInferenceConfig ? { AsyncInferenceConfig } : {}),
    ...(ExplainerConfig ? { ExplainerConfig } : {}),
    ...(MetricsConfig ? { MetricsConfig } : {}),
    ...(deployment ? { PendingDeploymentSummary: pendingView(deployment) } : {}),
  };
}

/** Call it before every change of the endpoint. `existed` is false at its creation. */
export function rememberPrevious(account: AccountState, endpoint: Endpoint, existed = true): void {
  const { staleReads } = account.sageMaker;
  if (staleReads.lagMs > 0) staleReads.remember(endpoint, existed ? viewOf(endpoint) : null, account.time);
}

function variantsView(
  member: 'ProductionVariants' | 'ShadowProductionVariants',
  endpoint: Endpoint,
  variants: Variant[],
): Partial<DescribeEndpointOutput> {
  if (variants.length === 0) return {};
  return { [member]: variants.map((variant) => ({ ...summaryOf(variant), ...stageOf(endpoint, variant) })) };
}

/** Serverless variants have no counts, and all others have no serverless configuration. */
function summaryOf(variant: Variant): ProductionVariantSummary {
  return {
    VariantName: variant.name,
    DeployedImages: [{ SpecifiedImage: variant.model.image, ResolvedImage: variant.model.image }],
    CurrentWeight: variant.currentWeight,
    DesiredWeight: variant.desiredWeight,
    ...(variant.serverless
      ? {
          CurrentServerlessConfig: variant.serverless,
          DesiredServerlessConfig: variant.desiredServerless ?? variant.serverless,
        }
      : { CurrentInstanceCount: variant.currentCount, DesiredInstanceCount: variant.desiredCount }),
  };
}

function stageOf(
  { change }: Endpoint,
  variant: Variant,
): { VariantStatus: ProductionVariantStatus[] } | Record<string, never> {
  if (!change) return {};
  const rescaled =
    change.kind === 'rescaling' &&
    (variant.currentWeight !== variant.desiredWeight ||
      variant.currentCount !== variant.desiredCount ||
      variant.desiredServerless !== undefined);
  const removed = change.kind === 'deployment' && change.stage === 'terminating';
  const status = rescaled ? 'Updating' : removed || change.kind === 'deletion' ? 'Deleting' : undefined;
  return status ? { VariantStatus: [{ Status: status, StartTime: new Date(change.startedAt) }] } : {};
}

const pendingStatuses: Record<EmulatedDeployment['stage'], VariantStatus> = {
  provisioning: 'Creating',
  activating: 'ActivatingTraffic',
  baking: 'Baking',
  terminating: 'Baking',
  rollingBack: 'Deleting',
};

function pendingView(deployment: EmulatedDeployment): PendingDeploymentSummary {
  const { fleet, stage, stageStartedAt, startedAt } = deployment;
  const VariantStatus = [{ Status: pendingStatuses[stage], StartTime: new Date(stageStartedAt) }];
  const pending = (variant: Variant): PendingProductionVariantSummary => ({
    ...summaryOf(variant),
    ...(variant.instanceType === undefined ? {} : { InstanceType: variant.instanceType as never }),
    VariantStatus,
  });
  return {
    EndpointConfigName: fleet.config.name,
    StartTime: new Date(startedAt),
    ProductionVariants: fleet.variants.map(pending),
    ...(fleet.shadows.length > 0 ? { ShadowProductionVariants: fleet.shadows.map(pending) } : {}),
  };
}

function dataCaptureView({ dataCapture }: Endpoint): Partial<DescribeEndpointOutput> {
  if (!dataCapture) return {};
  return {
    DataCaptureConfig: {
      EnableCapture: dataCapture.EnableCapture ?? false,
      CaptureStatus: dataCapture.EnableCapture ? 'Started' : 'Stopped',
      CurrentSamplingPercentage: dataCapture.InitialSamplingPercentage,
      DestinationS3Uri: dataCapture.DestinationS3Uri,
      KmsKeyId: dataCapture.KmsKeyId ?? '',
    },
  };
}
