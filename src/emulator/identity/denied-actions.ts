import type { AccountState } from '../account/account-state.js';
import type { Service } from '../http/operation.js';

/** `action`: as in IAM, such as `sagemaker:CreateEndpoint`, in any case. */
export function isDeniedAction({ options }: AccountState, action: string): boolean {
  return options.deniedActions.some((denied) => denied.toLowerCase() === action.toLowerCase());
}

/** IAM's name of an operation. The prefix is the name in signatures, except for CloudWatch. */
export function iamActionOf({ model }: Service, operation: string): string {
  const { signingName } = model.metadata;
  return `${signingName === 'monitoring' ? 'cloudwatch' : signingName}:${operation}`;
}
