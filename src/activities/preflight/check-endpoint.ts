import type {
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  ProductionVariant,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { Plan } from '../../plan/compiled/plan.js';
import { describeEndpoint } from '../endpoint/endpoint.js';
import { findConfig, settingsOf } from '../endpoint/endpoint-config.js';
import type { InitialEndpoint } from '../interface/endpoint.js';

interface Start {
  starting: InitialEndpoint;
  findings: string[];
}

/** Reads the current endpoint and checks whether a rollout can start from it. */
export async function checkEndpoint(sagemaker: SageMakerClient, plan: Plan): Promise<Start> {
  const live = await describeEndpoint(sagemaker, plan.endpoint);
  if (live === null) return { starting: { kind: 'absent' }, findings: checkAbsent(plan) };
  const configName = live.EndpointConfigName ?? '';
  const config = await findConfig(sagemaker, configName);
  if (config === null) {
    const finding = `cannot update endpoint ${plan.endpoint}: its endpoint config ${configName} no longer exists; create it again`;
    return { starting: { kind: 'absent' }, findings: [finding] };
  }
  return checkLive(plan, live, config);
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

function checkLive(plan: Plan, live: DescribeEndpointOutput, config: DescribeEndpointConfigOutput): Start {
  const name = `endpoint ${plan.endpoint}`;
  const findings: string[] = [];
  if (live.EndpointStatus !== 'InService') findings.push(`${name} is ${live.EndpointStatus}, not InService`);
  const [variant, ...more] = config.ProductionVariants ?? [];
  if (more.length > 0) findings.push(`${name} has ${more.length + 1} production variants, not one`);
  if ((config.ShadowProductionVariants ?? []).length > 0) findings.push(`${name} has a shadow variant`);
  findings.push(...checkVariant(name, variant));
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
  };
  return { starting, findings };
}

function checkVariant(name: string, variant: ProductionVariant | undefined): string[] {
  if (variant === undefined) return [`${name} has no production variant`];
  if (variant.ServerlessConfig !== undefined)
    return [`${name} is serverless, so it supports only one variant`];
  if (variant.ModelName === undefined) return [`${name} serves inference components, not one model`];
  if (variant.InstanceType === undefined) return [`${name} has no single instance type`];
  return [];
}
