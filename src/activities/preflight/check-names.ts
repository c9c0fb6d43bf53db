import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ApplicationFailure } from '@temporalio/common';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import { isMade } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { describeEndpoint } from '../endpoint/endpoint.js';
import { findConfig } from '../endpoint/endpoint-config.js';
import { fetchModel } from '../models/create-model.js';
import { requireOwned } from '../aws/ownership.js';
import { describeJob } from '../models/training.js';

/** Checks that every resource name that the rollout needs is free, or already owned by this rollout. */
export async function checkNames(sagemaker: SageMakerClient, plan: Plan): Promise<string[]> {
  const { rolloutId } = plan;
  const { sideBySideConfig, shadowConfig, singleConfig, candidateEndpoint } = resourceNamesOf(rolloutId);
  const made = Object.values(plan.models).filter(isMade);
  const jobs = made.filter((model) => model.kind === 'train').map((model) => model.training.jobName);
  const checks = [
    ...[sideBySideConfig, shadowConfig, singleConfig.baseline, singleConfig.candidate].map(async (name) => {
      const arn = (await findConfig(sagemaker, name))?.EndpointConfigArn;
      return checkOwner(sagemaker, rolloutId, `endpoint config ${name}`, arn);
    }),
    ...(plan.topology === 'endpoints' ? [candidateEndpoint] : []).map(async (name) => {
      const arn = (await describeEndpoint(sagemaker, name))?.EndpointArn;
      return checkOwner(sagemaker, rolloutId, `endpoint ${name}`, arn);
    }),
    ...made.map(async ({ modelName }) => {
      const arn = (await fetchModel(sagemaker, modelName))?.ModelArn;
      return checkOwner(sagemaker, rolloutId, `model ${modelName}`, arn);
    }),
    ...jobs.map(async (name) => {
      const arn = (await describeJob(sagemaker, name))?.TrainingJobArn;
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
): Promise<string[]> {
  if (arn === undefined) return [];
  try {
    await requireOwned(sagemaker, { arn, what, rolloutId });
    return [];
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'NotOwned') return [error.message];
    throw error;
  }
}
