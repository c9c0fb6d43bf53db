import type {
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  ProductionVariant,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { ApplicationFailure } from '@temporalio/common';
import { judgeAlarm } from '../analysis/judge-alarm.js';
import { namesOf, type ModelPlan, type Plan } from '../plan/plan.js';
import type { AlarmReader } from './alarms.js';
import { describeEndpoint } from './endpoint.js';
import { findConfig } from './endpoint-config.js';
import { refusal } from './failures.js';
import type { RolloutActivities, Starting } from './interface.js';
import { findModel } from './models.js';
import { requireOurs } from './ownership.js';
import { describePackage } from './registry.js';
import { findJob } from './training.js';

/** Sentences that say what stands in the way; empty: nothing. */
type Findings = string[];

/** Changes nothing, and reports all that it finds at once. */
export function createPreflight(
  sagemaker: SageMakerClient,
  alarms: AlarmReader,
): Pick<RolloutActivities, 'preflight'> {
  return {
    async preflight({ plan }) {
      const [start, ...others] = await Promise.all([
        checkEndpoint(sagemaker, plan),
        checkModels(sagemaker, plan),
        checkAlarms(alarms, plan),
        checkNames(sagemaker, plan),
      ]);
      const findings = [...start.findings, ...others.flat()];
      if (findings.length > 0) throw refusal('PreflightRefused', findings.join('; '));
      return start.starting;
    },
  };
}

interface Start {
  starting: Starting;
  findings: Findings;
}

async function checkEndpoint(sagemaker: SageMakerClient, plan: Plan): Promise<Start> {
  const live = await describeEndpoint(sagemaker, plan.endpoint);
  if (live === null) return { starting: { kind: 'absent' }, findings: checkAbsent(plan) };
  const configName = live.EndpointConfigName ?? '';
  const config = await findConfig(sagemaker, configName);
  if (config === null) {
    const finding = `endpoint config ${configName} of endpoint ${plan.endpoint} no longer exists: it cannot be updated`;
    return { starting: { kind: 'absent' }, findings: [finding] };
  }
  return checkLive(plan, live, config);
}

function checkAbsent({ endpoint, models, serve }: Plan): Findings {
  const findings: Findings = [];
  if (models.baseline.kind === 'live') {
    findings.push(
      `endpoint ${endpoint} does not exist, so the baseline cannot be live: say which model it is`,
    );
  }
  if (serve.instanceType === null || serve.count === null) {
    findings.push(`endpoint ${endpoint} does not exist: say serve.instance and serve.count`);
  }
  return findings;
}

function checkLive(plan: Plan, live: DescribeEndpointOutput, config: DescribeEndpointConfigOutput): Start {
  const name = `endpoint ${plan.endpoint}`;
  const findings: Findings = [];
  if (live.EndpointStatus !== 'InService') findings.push(`${name} is ${live.EndpointStatus}, not InService`);
  const [variant, ...more] = config.ProductionVariants ?? [];
  if (more.length > 0) findings.push(`${name} has ${more.length + 1} production variants, not one`);
  if ((config.ShadowProductionVariants ?? []).length > 0) findings.push(`${name} has a shadow variant`);
  findings.push(...checkVariant(name, variant));
  if (plan.models.baseline.kind !== 'live') {
    findings.push(`${name} serves ${variant?.ModelName ?? 'a model'} already: say baseline: live`);
  }
  const summary = live.ProductionVariants?.find((v) => v.VariantName === variant?.VariantName);
  const starting: Starting = {
    kind: 'live',
    configName: config.EndpointConfigName ?? '',
    variantName: variant?.VariantName ?? '',
    modelName: variant?.ModelName ?? '',
    instanceType: variant?.InstanceType ?? '',
    // Autoscaling may have moved it away from the config's initial count.
    count: summary?.DesiredInstanceCount ?? variant?.InitialInstanceCount ?? 0,
  };
  return { starting, findings };
}

function checkVariant(name: string, variant: ProductionVariant | undefined): Findings {
  if (variant === undefined) return [`${name} has no production variant`];
  if (variant.ServerlessConfig !== undefined) return [`${name} is serverless: it takes one variant only`];
  if (variant.ModelName === undefined) return [`${name} serves inference components, not one model`];
  if (variant.InstanceType === undefined) return [`${name} has no single instance type`];
  return [];
}

async function checkModels(sagemaker: SageMakerClient, { models }: Plan): Promise<Findings> {
  const found = await Promise.all(Object.values(models).map((model) => checkModel(sagemaker, model)));
  return found.flat();
}

async function checkModel(sagemaker: SageMakerClient, model: ModelPlan): Promise<Findings> {
  switch (model.kind) {
    case 'none':
    case 'live':
    case 'train':
      return [];
    case 'model':
      return (await findModel(sagemaker, model.modelName)) === null
        ? [`model ${model.modelName} does not exist`]
        : [];
    case 'package': {
      const version = await describePackage(sagemaker, model.arn);
      if (version === null) return [`model package ${model.arn} does not exist`];
      if (version.ModelApprovalStatus === 'Approved') return [];
      return [`model package ${model.arn} is ${version.ModelApprovalStatus ?? 'not approved'}, not Approved`];
    }
  }
}

/** Insufficient data is no obstacle: an endpoint that is not there yet has none. */
async function checkAlarms(alarms: AlarmReader, { guardrails }: Plan): Promise<Findings> {
  const wanted = guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  const verdicts = await Promise.all(
    wanted.map(async (guardrail) => judgeAlarm(guardrail, await alarms.readAlarm(guardrail.alarmName))),
  );
  return verdicts
    .filter(({ result, reason }) => result !== 'pass' && reason !== 'alarmInsufficientData')
    .map(({ sentence }) => sentence);
}

/** Every name that the rollout will make is free, or taken by this rollout. */
async function checkNames(sagemaker: SageMakerClient, plan: Plan): Promise<Findings> {
  const { rolloutId } = plan;
  const { bothConfig, onlyConfig } = namesOf(rolloutId);
  const made = Object.values(plan.models).filter(
    (model) => model.kind === 'train' || model.kind === 'package',
  );
  const jobs = made.filter((model) => model.kind === 'train').map((model) => model.training.jobName);
  const checks = [
    ...[bothConfig, onlyConfig.baseline, onlyConfig.candidate].map(async (name) => {
      const arn = (await findConfig(sagemaker, name))?.EndpointConfigArn;
      return checkOwner(sagemaker, rolloutId, `endpoint config ${name}`, arn);
    }),
    ...made.map(async ({ modelName }) => {
      const arn = (await findModel(sagemaker, modelName))?.ModelArn;
      return checkOwner(sagemaker, rolloutId, `model ${modelName}`, arn);
    }),
    ...jobs.map(async (name) => {
      const arn = (await findJob(sagemaker, name))?.TrainingJobArn;
      return checkOwner(sagemaker, rolloutId, `training job ${name}`, arn);
    }),
  ];
  return (await Promise.all(checks)).flat();
}

async function checkOwner(
  sagemaker: SageMakerClient,
  rolloutId: string,
  what: string,
  arn: string | undefined,
): Promise<Findings> {
  if (arn === undefined) return [];
  try {
    await requireOurs(sagemaker, { arn, what, rolloutId });
    return [];
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'NotOurs') return [error.message];
    throw error;
  }
}
