/** The resources in the account, according to the emulator. */
import {
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModelPackages,
  paginateListTrainingJobs,
  ListTagsCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { readServed, type Served } from '../../e2e/aws-account.js';
import type { Account } from './aws-account.js';

export interface Snapshot {
  served: Served;
  /** Names of all resources with a rollout's tag. */
  endpoints: string[];
  configs: string[];
  jobs: { name: string; status: string | undefined }[];
  /** Descriptions of all versions in the registry. */
  versions: (string | undefined)[];
}

/** Clears the faults first: they would affect the reads of the test too. */
export async function takeSnapshot({ emulator, endpoint, sagemaker }: Account): Promise<Snapshot> {
  emulator.faults.clear();
  return readSnapshot(sagemaker, endpoint, {});
}

/** `named` limits the search if the account is shared by several rollouts. */
export async function readSnapshot(
  sagemaker: SageMakerClient,
  endpoint: string,
  named: { NameContains?: string },
): Promise<Snapshot> {
  const owned = new OwnedResources(sagemaker);
  const snapshot: Snapshot = {
    served: await readServed(sagemaker, endpoint, []),
    ...{ endpoints: [], configs: [], jobs: [], versions: [] },
  };
  const client = { client: sagemaker };
  for await (const { Endpoints = [] } of paginateListEndpoints(client, named))
    for (const { EndpointArn, EndpointName = '' } of Endpoints)
      if (await owned.has(EndpointArn)) snapshot.endpoints.push(EndpointName);
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs(client, named))
    for (const { EndpointConfigArn, EndpointConfigName = '' } of EndpointConfigs)
      if (await owned.has(EndpointConfigArn)) snapshot.configs.push(EndpointConfigName);
  for await (const { TrainingJobSummaries = [] } of paginateListTrainingJobs(client, named))
    for (const { TrainingJobArn, TrainingJobName = '', TrainingJobStatus } of TrainingJobSummaries)
      if (await owned.has(TrainingJobArn))
        snapshot.jobs.push({ name: TrainingJobName, status: TrainingJobStatus });
  const group = { ModelPackageGroupName: endpoint };
  try {
    for await (const { ModelPackageSummaryList = [] } of paginateListModelPackages(client, group))
      snapshot.versions.push(...ModelPackageSummaryList.map((version) => version.ModelPackageDescription));
  } catch (error) {
    if (!/does not exist|could not find/i.test(String(error))) throw error;
  }
  return snapshot;
}

/** Any rollout's tag counts: only one rollout is in the searched part of the account. */
class OwnedResources {
  constructor(private readonly sagemaker: SageMakerClient) {}

  async has(ResourceArn: string | undefined): Promise<boolean> {
    const { Tags = [] } = await this.sagemaker.send(new ListTagsCommand({ ResourceArn }));
    return Tags.some(({ Key }) => Key === 'penstock:rollout');
  }
}
