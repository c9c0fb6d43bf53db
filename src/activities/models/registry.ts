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
import type { RegistrationPlan } from '../../plan/compiled/model-plan.js';
import { AlreadyExists, readAws, mutateAws, orNull } from '../aws/errors.js';
import { retryableFailure, nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';

type RegisterRequest = Parameters<RolloutActivities['registerModel']>[0];

/** Handed on from look to look. `seen` is what the last one found, once a version has been there to see. */
interface Registered {
  packageArn: string;
  seen?: 'there' | 'gone';
}

export function createRegisterModel(
  sagemaker: SageMakerClient,
  pollSeconds: number,
): RolloutActivities['registerModel'] {
  return async (a) => {
    const before = lastPollState<Registered>() ?? { packageArn: await ensureVersion(sagemaker, a) };
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

/** Not there: not yet, or a person has deleted it. One look that misses what others have seen may be behind the times. */
function failOrPoll({ packageArn, seen }: Registered, pollSeconds: number): never {
  if (seen === 'gone')
    throw nonRetryableFailure(
      'NotApproved',
      `model package ${packageArn} was deleted before it was approved`,
    );
  const state: Registered = seen === undefined ? { packageArn } : { packageArn, seen: 'gone' };
  return pollAgain(`${packageArn}: not visible${seen ? '' : ' yet'}`, firstPollSeconds(pollSeconds), state);
}

export function fetchPackage(
  sagemaker: SageMakerClient,
  arn: string,
): Promise<DescribeModelPackageOutput | null> {
  const command = new DescribeModelPackageCommand({ ModelPackageName: arn });
  return orNull(readAws((o) => sagemaker.send(command, o)));
}

async function ensureVersion(sagemaker: SageMakerClient, a: RegisterRequest): Promise<string> {
  await ensureGroup(sagemaker, a.registration.group);
  return (await findVersion(sagemaker, a)) ?? (await createVersion(sagemaker, a));
}

/** The group belongs to the team, not to a rollout: made once, shared, left in place. */
async function ensureGroup(sagemaker: SageMakerClient, group: string): Promise<void> {
  const name = { ModelPackageGroupName: group };
  const found = await orNull(readAws((o) => sagemaker.send(new DescribeModelPackageGroupCommand(name), o)));
  if (found !== null) return;
  try {
    await mutateAws((o) => sagemaker.send(new CreateModelPackageGroupCommand(name), o));
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
  }
}

/** A version in a group carries no tags of its own, so its description says whose it is. */
function descriptionOf({ rolloutId, role }: RegisterRequest): string {
  return `Penstock rollout ${rolloutId}, ${role}`;
}

/** Newest first: a retry after the client token's lifetime still finds what an earlier attempt made. */
async function findVersion(sagemaker: SageMakerClient, a: RegisterRequest): Promise<string | null> {
  const description = descriptionOf(a);
  let NextToken: string | undefined;
  do {
    const command = new ListModelPackagesCommand({
      ModelPackageGroupName: a.registration.group,
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      MaxResults: 100,
      NextToken,
    });
    const page = await readAws((o) => sagemaker.send(command, o));
    const ours = page.ModelPackageSummaryList?.find((p) => p.ModelPackageDescription === description);
    if (ours?.ModelPackageArn !== undefined) return ours.ModelPackageArn;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
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
    // The SDK mints a new token a call, which would make a new version a retry.
    ClientToken: createHash('sha256').update(`${a.rolloutId}/${a.role}`).digest('hex').slice(0, 36),
  });
  const { ModelPackageArn } = await mutateAws((o) => sagemaker.send(command, o));
  if (ModelPackageArn === undefined)
    throw retryableFailure('Unavailable', `no ARN for the new version of ${group}`);
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
  const state: Registered = { packageArn, seen: 'there' };
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
  pollAgain(`model package ${packageArn}: approval asked for`, firstPollSeconds(a.pollSeconds), state);
}
