import type {
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  DescribeModelOutput,
  ProductionVariant,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { readScaling } from '../scaling/scalable-variant.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { describeEndpoint } from '../endpoint/endpoint.js';
import { findConfig, settingsOf } from '../endpoint/endpoint-config.js';
import { unknownMembers } from '../endpoint/unknown-members.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import { retryableFailure } from '../temporal/failures.js';
import { fetchModel } from '../models/create-model.js';
import { checkTags, readCarriedOver } from './carried-over.js';
import { replacedVariant } from '../endpoint/replaced-variant.js';

interface Start {
  starting: InitialEndpoint;
  /** The model that serves; null if none does. */
  model: DescribeModelOutput | null;
  findings: string[];
}

interface Clients {
  sagemaker: SageMakerClient;
  autoscaling: ApplicationAutoScalingClient;
}

/** Reads the current endpoint and checks whether a rollout can start from it. */
export async function checkEndpoint(clients: Clients, plan: Plan): Promise<Start> {
  const { sagemaker } = clients;
  const live = await describeEndpoint(sagemaker, plan.endpoint);
  if (live === null) return absent(...checkAbsent(plan));
  const configName = live.EndpointConfigName ?? '';
  const config = await findConfig(sagemaker, configName);
  if (config === null) {
    const finding = `cannot update endpoint ${plan.endpoint}: its endpoint config ${configName} no longer exists; create it again`;
    return absent(finding);
  }
  return checkLive(clients, plan, live, config);
}

function absent(...findings: string[]): Start {
  return { starting: { kind: 'absent' }, model: null, findings };
}

function checkAbsent({ endpoint, models, serve }: Plan): string[] {
  const findings: string[] = [];
  if (models.baseline.kind === 'live') {
    findings.push(
      `endpoint ${endpoint} does not exist, so the baseline cannot be live; set models.baseline to a model`,
    );
  }
  if (serve.instanceType === null || serve.count === null) {
    findings.push(`endpoint ${endpoint} does not exist; set serve.instance and serve.count`);
  }
  return findings;
}

async function checkLive(
  { sagemaker, autoscaling }: Clients,
  plan: Plan,
  live: DescribeEndpointOutput,
  config: DescribeEndpointConfigOutput,
): Promise<Start> {
  const name = `endpoint ${plan.endpoint}`;
  const findings: string[] = [];
  findings.push(...checkCase(plan.endpoint, live.EndpointName ?? ''));
  const { variant, others, findings: ofVariants } = replacedVariant(plan, live, config);
  const scaled = { endpoint: live.EndpointName ?? plan.endpoint, variant: variant?.VariantName ?? '' };
  const scaling = await readScaling(autoscaling, scaled);
  // The other variants can be autoscaled too.
  if ((scaling !== null || others !== undefined) && live.EndpointStatus === 'Updating')
    throw retryableFailure('Busy', `${name} is Updating, perhaps by its autoscaling; waiting for its end`);
  if (live.EndpointStatus !== 'InService') findings.push(`${name} is ${live.EndpointStatus}, not InService`);
  findings.push(...ofVariants);
  if ((config.ShadowProductionVariants ?? []).length > 0) findings.push(`${name} has a shadow variant`);
  findings.push(...checkVariant(name, variant), ...checkAsync(name, config));
  const modelName = variant?.ModelName;
  const model = modelName === undefined ? null : await fetchModel(sagemaker, modelName);
  if (modelName !== undefined && model === null)
    findings.push(`model ${modelName}, which ${name} serves, no longer exists; create it again`);
  findings.push(...checkMembers(config));
  const { warnings, ...carriedOver } = await readCarriedOver(sagemaker, live, config, model);
  findings.push(...checkTags(plan, carriedOver));
  const baseline = plan.models.baseline.kind;
  if (baseline !== 'live') {
    const because = baseline === 'none' ? ', so it has a baseline' : '';
    findings.push(
      `${name} already serves ${variant?.ModelName ?? 'a model'}${because}; set models.baseline to live`,
    );
  }
  const summary = live.ProductionVariants?.find((v) => v.VariantName === variant?.VariantName);
  const starting: InitialEndpoint = {
    kind: 'live',
    configName: config.EndpointConfigName ?? '',
    settings: settingsOf(config),
    variantName: variant?.VariantName ?? '',
    modelName: variant?.ModelName ?? '',
    instanceType: variant?.InstanceType ?? '',
    // Autoscaling may have changed the count since the config's initial one.
    count: summary?.DesiredInstanceCount ?? variant?.InitialInstanceCount ?? 0,
    ...(others === undefined ? {} : { others }),
    scaling,
    ...carriedOver,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
  return { starting, model, findings };
}

function checkVariant(name: string, variant: ProductionVariant | undefined): string[] {
  if (variant === undefined) return [`${name} has no production variant`];
  if (variant.ServerlessConfig !== undefined)
    return [`${name} is serverless, so it supports only one variant`];
  if (variant.ModelName === undefined) return [`${name} serves inference components, not one model`];
  if (variant.InstanceType === undefined) return [`${name} has no single instance type`];
  return [];
}

/**
 * An asynchronous endpoint is invoked through InvokeEndpointAsync, which knows no target variant, and has other metrics.
 * Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html and
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
 */
function checkAsync(name: string, { AsyncInferenceConfig }: DescribeEndpointConfigOutput): string[] {
  return AsyncInferenceConfig === undefined ? [] : [`${name} is asynchronous, which rollouts do not support`];
}

function checkMembers(config: DescribeEndpointConfigOutput): string[] {
  const members = unknownMembers(config);
  return members.length === 0
    ? []
    : [
        `endpoint config ${config.EndpointConfigName ?? ''} has ${members.join(', ')}, which this release cannot carry over; update the worker`,
      ];
}

/**
 * SageMaker finds an endpoint in any case, but InvokeEndpoint and CloudWatch know it only by the case of its creation. Sources:
 * the SDK's text on CreateEndpoint's EndpointName, and
 * https://github.com/prometheus-community/yet-another-cloudwatch-exporter/issues/1163
 */
function checkCase(written: string, actual: string): string[] {
  return written === actual ? [] : [`the name of endpoint ${written} is ${actual}; write it in that case`];
}
