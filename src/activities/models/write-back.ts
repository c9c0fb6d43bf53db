/** Records the end of a rollout on the candidate's version in the model registry. */
import {
  UpdateModelPackageCommand,
  type DescribeModelPackageOutput,
  type SageMakerClient,
  type UpdateModelPackageInput,
} from '@aws-sdk/client-sagemaker';
import { mutateAws } from '../aws/errors.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { WriteBackRequest } from '../interface/versions.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import { firstPollSeconds, pollAgain } from '../temporal/polling.js';
import { fetchPackage } from './registry.js';
import { isOutdated, markChanges, wentBack } from './version-marks.js';

export function createWriteBackVersion(
  sagemaker: SageMakerClient,
  pollSeconds: number,
): RolloutActivities['writeBackVersion'] {
  return async (request) => {
    const { versionArn } = request;
    const found = await fetchPackage(sagemaker, versionArn);
    if (found === null)
      throw nonRetryableFailure('Rejected', `model package ${versionArn} does not exist any more`);
    const changes = changesOf(request, found);
    if (changes === null) return;
    const command = new UpdateModelPackageCommand({ ModelPackageArn: versionArn, ...changes });
    await mutateAws((o) => sagemaker.send(command, o));
    pollAgain(`model package ${versionArn}: recorded the outcome`, firstPollSeconds(pollSeconds), null);
  };
}

type Changes = Omit<UpdateModelPackageInput, 'ModelPackageArn'>;

/** Null: the version has all of it. The stage and the status follow the rollout that ended last, as the marks do. */
function changesOf(request: WriteBackRequest, found: DescribeModelPackageOutput): Changes | null {
  const metadata = found.CustomerMetadataProperties ?? {};
  const { set, remove } = markChanges(request, metadata);
  const changes: Changes = {
    ...(Object.keys(set).length > 0 ? { CustomerMetadataProperties: set } : {}),
    ...(remove.length > 0 ? { CustomerMetadataPropertiesToRemove: remove } : {}),
    ...(isOutdated(request, metadata)
      ? {}
      : { ...stageChange(request, found), ...approvalChange(request, found) }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

function stageChange(
  { outcome, rolloutId, writeBack }: WriteBackRequest,
  { ModelLifeCycle: present }: DescribeModelPackageOutput,
): Changes {
  const stage = outcome === 'promoted' ? writeBack.promoted : wentBack(outcome) ? writeBack.rolledBack : null;
  if (stage === null || (present?.Stage === stage.stage && present.StageStatus === stage.status)) return {};
  const StageDescription = `${outcome} by Penstock rollout ${rolloutId}`;
  return { ModelLifeCycle: { Stage: stage.stage, StageStatus: stage.status, StageDescription } };
}

function approvalChange(
  { outcome, rolloutId, writeBack }: WriteBackRequest,
  { ModelApprovalStatus }: DescribeModelPackageOutput,
): Changes {
  if (!writeBack.rejectRolledBack || !wentBack(outcome) || ModelApprovalStatus === 'Rejected') return {};
  return {
    ModelApprovalStatus: 'Rejected',
    ApprovalDescription: `${outcome} by Penstock rollout ${rolloutId}`,
  };
}
