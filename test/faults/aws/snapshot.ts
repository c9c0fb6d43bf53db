/** What is in the account, as the emulator has it. */
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
  /** All that are tagged as the rollout's, by name. */
  endpoints: string[];
  configs: string[];
  jobs: { name: string; status: string | undefined }[];
  /** Descriptions of all versions in the registry. */
  versions: (string | undefined)[];
}

/** Takes the troubles away first: they would hit whoever asks. */
export async function takeSnapshot({ emulator, endpoint, sagemaker }: Account): Promise<Snapshot> {
  emulator.faults.clear();
  return readSnapshot(sagemaker, endpoint, {});
}

/** `named`: what is looked through, where the account is not the rollout's alone. */
export async function readSnapshot(
  sagemaker: SageMakerClient,
  endpoint: string,
  named: { NameContains?: string },
): Promise<Snapshot> {
  const ours = new Ours(sagemaker);
  const snapshot: Snapshot = {
    served: await readServed(sagemaker, endpoint, []),
    ...{ endpoints: [], configs: [], jobs: [], versions: [] },
  };
  const client = { client: sagemaker };
  for await (const { Endpoints = [] } of paginateListEndpoints(client, named))
    for (const { EndpointArn, EndpointName = '' } of Endpoints)
      if (await ours.has(EndpointArn)) snapshot.endpoints.push(EndpointName);
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs(client, named))
    for (const { EndpointConfigArn, EndpointConfigName = '' } of EndpointConfigs)
      if (await ours.has(EndpointConfigArn)) snapshot.configs.push(EndpointConfigName);
  for await (const { TrainingJobSummaries = [] } of paginateListTrainingJobs(client, named))
    for (const { TrainingJobArn, TrainingJobName = '', TrainingJobStatus } of TrainingJobSummaries)
      if (await ours.has(TrainingJobArn))
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

/** What was looked through has one rollout. */
class Ours {
  constructor(private readonly sagemaker: SageMakerClient) {}

  async has(ResourceArn: string | undefined): Promise<boolean> {
    const { Tags = [] } = await this.sagemaker.send(new ListTagsCommand({ ResourceArn }));
    return Tags.some(({ Key }) => Key === 'penstock:rollout');
  }
}
