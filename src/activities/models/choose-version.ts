/** Chooses the version of a model package group. Changes nothing. */
import {
  ListModelPackagesCommand,
  type ModelPackageSummary,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { NotFound, readAws } from '../aws/errors.js';
import { allPages } from '../aws/pages.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { ChosenVersion, VersionChoice } from '../interface/versions.js';
import { fetchPackage } from './registry.js';
import { rolledBackBy } from './version-marks.js';

export function createChooseVersion(sagemaker: SageMakerClient): RolloutActivities['chooseVersion'] {
  return ({ group }) => chooseNewestVersion(sagemaker, group);
}

/**
 * The approved version that was created last and that no rollout has marked as rolled back. SageMaker counts the versions
 * of a group up, so of two with one creation time the higher number is the newer one:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-models.html
 */
export async function chooseNewestVersion(sagemaker: SageMakerClient, group: string): Promise<VersionChoice> {
  const skipped: ChosenVersion['skipped'] = [];
  try {
    for (const { arn, version } of await approvedVersions(sagemaker, group)) {
      const found = await fetchPackage(sagemaker, arn);
      // Someone has deleted it, or changed its approval, since the list was made.
      if (found?.ModelApprovalStatus !== 'Approved') continue;
      const mark = rolledBackBy(found.CustomerMetadataProperties ?? {});
      if (mark === null) return { chosen: { arn, group, version, skipped } };
      skipped.push({ version, ...mark });
    }
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return {
      finding: `model package group ${group} does not exist in the account and region of this worker; set models.candidate.group to one that does, or name a version of another account with package`,
    };
  }
  return { finding: refusal(group, skipped) };
}

function refusal(group: string, skipped: ChosenVersion['skipped']): string {
  const [newest] = skipped;
  return newest === undefined
    ? `model package group ${group} has no approved version; approve one, or name a version with package`
    : `every approved version of model package group ${group} was rolled back, the newest one, version ${newest.version}, on ${newest.endpoint} by ${newest.rolloutId}; approve a newer version, or name one with package`;
}

/** Newest first. */
async function approvedVersions(
  sagemaker: SageMakerClient,
  group: string,
): Promise<{ arn: string; version: number }[]> {
  const pages = await allPages((token) => {
    const command = new ListModelPackagesCommand({
      ModelPackageGroupName: group,
      ModelApprovalStatus: 'Approved',
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      MaxResults: 100,
      ...token,
    });
    return readAws((o) => sagemaker.send(command, o));
  });
  const summaries = pages.flatMap(({ ModelPackageSummaryList = [] }) => ModelPackageSummaryList);
  return summaries
    .toSorted(newestFirst)
    .flatMap(({ ModelPackageArn: arn, ModelPackageVersion: version }) =>
      arn === undefined || version === undefined ? [] : [{ arn, version }],
    );
}

function newestFirst(a: ModelPackageSummary, b: ModelPackageSummary): number {
  const timeOf = ({ CreationTime }: ModelPackageSummary) => CreationTime?.getTime() ?? 0;
  return timeOf(b) - timeOf(a) || (b.ModelPackageVersion ?? 0) - (a.ModelPackageVersion ?? 0);
}
