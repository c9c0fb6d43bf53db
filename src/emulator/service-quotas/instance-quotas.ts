/** SageMaker's quotas of instances, by the names that Service Quotas and SageMaker's own errors have for them. */
import { createHash } from 'node:crypto';
import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import type { AccountState } from '../account/account-state.js';
import { serviceModels } from '../service-model/model.js';

/** The largest value of a quota (botocore, QuotaValue): an instance type without a limit is unlimited here. */
const unlimited = 10_000_000_000;

const typesOf = (shape: string) => serviceModels.SageMaker.shapes[shape]?.enum ?? [];
const names = [
  ...typesOf('ProductionVariantInstanceType').map((type) => `${type} for endpoint usage`),
  ...typesOf('TrainingInstanceType').flatMap((type) =>
    ['training', 'spot training'].map((kind) => `${type} for ${kind} job usage`),
  ),
].toSorted();

/** AWS's own codes follow no rule that is known. */
const codeOf = (name: string) =>
  `L-${createHash('sha256').update(name).digest('hex').slice(0, 8).toUpperCase()}`;
const nameByCode = new Map(names.map((name) => [codeOf(name), name]));

/** In the order of their names. */
export function listInstanceQuotas(account: AccountState): ServiceQuota[] {
  return names.map((name) => quotaOf(account, name));
}

export function findInstanceQuota(account: AccountState, code: string): ServiceQuota | null {
  const name = nameByCode.get(code);
  return name === undefined ? null : quotaOf(account, name);
}

function quotaOf({ options, sageMaker }: AccountState, name: string): ServiceQuota {
  const code = codeOf(name);
  return {
    ...{ ServiceCode: 'sagemaker', ServiceName: 'Amazon SageMaker', QuotaCode: code, QuotaName: name },
    QuotaArn: `arn:aws:servicequotas:${options.region}:${options.account}:sagemaker/${code}`,
    Value: sageMaker.instanceLimits.get(name) ?? unlimited,
    ...{ Unit: 'None', Adjustable: true, GlobalQuota: false },
  };
}
