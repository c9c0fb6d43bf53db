import { createHash } from 'node:crypto';
import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeModelPackageCommand,
  DescribeModelPackageGroupCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
  type DescribeModelPackageOutput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { pagesOf } from '../aws/pages.js';
import type { RegistrationPlan } from '../../plan/compiled/model-plan.js';
import { AlreadyExists, readAws, mutateAws, orNull } from '../aws/errors.js';
import { toAwsTags } from '../aws/tags.js';
import type { ResourceTags } from '../interface/tags.js';
import { retryableFailure, nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';

type RegisterRequest = Parameters<RolloutActivities['registerModel']>[0];

/** Attempts pass it on. `seen`: the last attempt's result; absent until an attempt has found the version. */
interface RegistrationState {
  packageArn: string;
  seen?: 'present' | 'missing';
}

export function createRegisterModel(
  sagemaker: SageMakerClient,
  pollSeconds: number,
): RolloutActivities['registerModel'] {
  return async (a) => {
    const before = lastPollState<RegistrationState>() ?? { packageArn: await ensureVersion(sagemaker, a) };
    const { packageArn } = before;
    const version = await fetchPackage(sagemaker, packageArn);
    if (version === null) return failOrPoll(before, pollSeconds);
    await returnIfApproved(sagemaker, {
      packageArn,
      version,
      approval: a.registration.approval,
      pollSeconds,
    });
    return { packageArn };
  };
}

/**
 * The version is missing: it is not visible yet, or a person has deleted it. If an earlier attempt has found
 * the version, one attempt that misses it may be reading old data. Two in a row are a deletion.
 */
function failOrPoll({ packageArn, seen }: RegistrationState, pollSeconds: number): never {
  if (seen === 'missing')
    throw nonRetryableFailure(
      'NotApproved',
      `model package ${packageArn} was deleted before it was approved`,
    );
  const state: RegistrationState = seen === undefined ? { packageArn } : { packageArn, seen: 'missing' };
  return pollAgain(
    `model package ${packageArn}: not visible${seen ? '' : ' yet'}`,
    firstPollSeconds(pollSeconds),
    state,
  );
}

export function fetchPackage(
  sagemaker: SageMakerClient,
  arn: string,
): Promise<DescribeModelPackageOutput | null> {
  const command = new DescribeModelPackageCommand({ ModelPackageName: arn });
  return orNull(readAws((o) => sagemaker.send(command, o)));
}

async function ensureVersion(sagemaker: SageMakerClient, a: RegisterRequest): Promise<string> {
  await ensureGroup(sagemaker, a.registration.group, a.tags);
  return (await findVersion(sagemaker, a)) ?? (await createVersion(sagemaker, a));
}

/**
 * The group belongs to the team, not to a rollout: a rollout creates it if it is missing, and never deletes it.
 */
async function ensureGroup(sagemaker: SageMakerClient, group: string, tags: ResourceTags): Promise<void> {
  const name = { ModelPackageGroupName: group };
  const found = await orNull(readAws((o) => sagemaker.send(new DescribeModelPackageGroupCommand(name), o)));
  if (found !== null) return;
  try {
    const command = new CreateModelPackageGroupCommand({ ...name, Tags: toAwsTags(tags) });
    await mutateAws((o) => sagemaker.send(command, o));
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
  }
}

/** A version in a group has no tags of its own, so its description names its rollout. */
function descriptionOf({ rolloutId, role }: RegisterRequest): string {
  return `Penstock rollout ${rolloutId}, ${role}`;
}

/** Newest first. After the client token's lifetime, a retry still finds the version of an earlier attempt. */
async function findVersion(sagemaker: SageMakerClient, a: RegisterRequest): Promise<string | null> {
  const description = descriptionOf(a);
  const pages = pagesOf((token) => {
    const command = new ListModelPackagesCommand({
      ModelPackageGroupName: a.registration.group,
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      MaxResults: 100,
      ...token,
    });
    return readAws((o) => sagemaker.send(command, o));
  });
  for await (const page of pages) {
    const ours = page.ModelPackageSummaryList?.find((p) => p.ModelPackageDescription === description);
    if (ours?.ModelPackageArn !== undefined) return ours.ModelPackageArn;
  }
  return null;
}

async function createVersion(sagemaker: SageMakerClient, a: RegisterRequest): Promise<string> {
  const { group, approval } = a.registration;
  const command = new CreateModelPackageCommand({
    ModelPackageGroupName: group,
    ModelPackageDescription: descriptionOf(a),
    InferenceSpecification: {
      Containers: [{ Image: a.model.training.servingImage, ModelDataUrl: a.artefact }],
    },
    ModelApprovalStatus: approval === 'automatic' ? 'Approved' : 'PendingManualApproval',
    // By default the SDK generates a new token for each call, so each retry would create a new version.
    ClientToken: createHash('sha256').update(`${a.rolloutId}/${a.role}`).digest('hex').slice(0, 36),
  });
  const { ModelPackageArn } = await mutateAws((o) => sagemaker.send(command, o));
  if (ModelPackageArn === undefined)
    throw retryableFailure(
      'Unavailable',
      `SageMaker returned no ARN for the new version in model package group ${group}`,
    );
  return ModelPackageArn;
}

async function returnIfApproved(
  sagemaker: SageMakerClient,
  a: {
    packageArn: string;
    version: DescribeModelPackageOutput;
    approval: RegistrationPlan['approval'];
    pollSeconds: number;
  },
): Promise<void> {
  const { packageArn, version } = a;
  const state: RegistrationState = { packageArn, seen: 'present' };
  if (version.ModelPackageStatus === 'Failed')
    throw nonRetryableFailure('NotApproved', `model package ${packageArn} failed`);
  if (version.ModelPackageStatus !== 'Completed') {
    pollAgain(`model package ${packageArn}: ${version.ModelPackageStatus}`, a.pollSeconds, state);
  }
  if (version.ModelApprovalStatus === 'Approved') return;
  if (version.ModelApprovalStatus === 'Rejected') {
    const why = version.ApprovalDescription ?? 'no reason given';
    throw nonRetryableFailure('NotApproved', `model package ${packageArn} was rejected: ${why}`);
  }
  if (a.approval === 'manual') {
    pollAgain(`model package ${packageArn}: waiting for approval in the registry`, a.pollSeconds, state);
  }
  const approve = new UpdateModelPackageCommand({
    ModelPackageArn: packageArn,
    ModelApprovalStatus: 'Approved',
  });
  await mutateAws((o) => sagemaker.send(approve, o));
  pollAgain(`model package ${packageArn}: requested approval`, firstPollSeconds(a.pollSeconds), state);
}
