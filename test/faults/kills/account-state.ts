/** Reads all resources of a rollout and of its endpoint. */
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModelPackages,
  paginateListModels,
  paginateListTrainingJobs,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { normalizeNames } from './effects.js';

/** One line for each resource, sorted, without times and names that differ between runs. */
export async function readAccount(sagemaker: SageMakerClient, rollout: RolloutUnderTest): Promise<string[]> {
  const found: unknown[] = [];
  for await (const resource of resources(sagemaker, rollout.endpoint)) found.push(resource);
  return found.map((resource) => normalizeNames(JSON.stringify(resource), rollout)).sort();
}

async function* resources(client: SageMakerClient, NameContains: string): AsyncGenerator<object> {
  const tagsOf = async (ResourceArn: string | undefined) =>
    (await client.send(new ListTagsCommand({ ResourceArn }))).Tags;
  const named = { NameContains };
  for await (const { Endpoints = [] } of paginateListEndpoints({ client }, named))
    for (const { EndpointName, EndpointArn } of Endpoints) {
      const { EndpointConfigName, EndpointStatus, ProductionVariants } = await client.send(
        new DescribeEndpointCommand({ EndpointName }),
      );
      const tags = await tagsOf(EndpointArn);
      yield { EndpointName, EndpointConfigName, EndpointStatus, ProductionVariants, tags };
    }
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs({ client }, named))
    for (const { EndpointConfigName, EndpointConfigArn } of EndpointConfigs) {
      const command = new DescribeEndpointConfigCommand({ EndpointConfigName });
      const { ProductionVariants, MetricsConfig } = await client.send(command);
      yield { EndpointConfigName, ProductionVariants, MetricsConfig, tags: await tagsOf(EndpointConfigArn) };
    }
  for await (const { Models = [] } of paginateListModels({ client }, named))
    for (const { ModelName, ModelArn } of Models) {
      const { Containers, PrimaryContainer } = await client.send(new DescribeModelCommand({ ModelName }));
      yield { ModelName, Containers, PrimaryContainer, tags: await tagsOf(ModelArn) };
    }
  for await (const { TrainingJobSummaries = [] } of paginateListTrainingJobs({ client }, named))
    for (const { TrainingJobName, TrainingJobArn } of TrainingJobSummaries) {
      const { TrainingJobStatus } = await client.send(new DescribeTrainingJobCommand({ TrainingJobName }));
      yield { TrainingJobName, TrainingJobStatus, tags: await tagsOf(TrainingJobArn) };
    }
  yield* versions(client, NameContains);
}

/** Versions in the model package group with the endpoint's name, if it exists. */
async function* versions(client: SageMakerClient, ModelPackageGroupName: string): AsyncGenerator<object> {
  try {
    for await (const page of paginateListModelPackages({ client }, { ModelPackageGroupName }))
      for (const version of page.ModelPackageSummaryList ?? []) {
        const { ModelPackageArn, ModelPackageStatus, ModelApprovalStatus, ModelPackageDescription } = version;
        yield { ModelPackageArn, ModelPackageStatus, ModelApprovalStatus, ModelPackageDescription };
      }
  } catch (error) {
    if (!/does not exist|could not find/i.test(String(error))) throw error;
  }
}
