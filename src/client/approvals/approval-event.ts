/**
 * The event that SageMaker sends to EventBridge when a version of a model package group is approved. Pure. Its form:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-model-package
 */
import { InvalidApprovalEvent } from '../errors.js';

/** `at`: when the version was last modified before the event; ISO 8601. */
export interface Approval {
  /** ARN of the version. */
  version: string;
  group: string;
  at: string;
}

const detailType = 'SageMaker Model Package State Change';
const versionArn = /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/[\w-]+\/\d+$/;

/**
 * Null: the event is no approval. Every other update of an approved version sends an event too, also that of the marks which
 * a rollout leaves, so the updated fields decide. Throws InvalidApprovalEvent.
 */
export function approvalIn(event: unknown): Approval | null {
  const { 'detail-type': type, time, detail } = membersOf(event);
  const {
    ModelApprovalStatus: status,
    UpdatedModelPackageFields: updated,
    ModelPackageArn: version,
    ModelPackageGroupName: group,
    LastModifiedTime: modified,
  } = membersOf(detail);
  if (type !== detailType || status !== 'Approved') return null;
  if (!Array.isArray(updated) || !updated.includes('ModelApprovalStatus')) return null;
  if (typeof version !== 'string' || !versionArn.test(version))
    throw new InvalidApprovalEvent('detail.ModelPackageArn', version, 'the ARN of a version');
  if (typeof group !== 'string' || group === '')
    throw new InvalidApprovalEvent('detail.ModelPackageGroupName', group, 'the name of a group');
  const at = typeof modified === 'string' ? modified : time;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at)))
    throw new InvalidApprovalEvent('detail.LastModifiedTime', at, 'a time in ISO 8601');
  return { version, group, at };
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
