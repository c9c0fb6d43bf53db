import { targetsOf } from '../../application-auto-scaling/targets/remove-target.js';
import type { AccountState } from '../../account/account-state.js';
import { validationError } from '../../http/service-error.js';
import type { Endpoint, Fleet } from './endpoint-state.js';

/**
 * Refuses an update that removes a scalable target, or changes its instance type. A change of the model is allowed.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html. The wording is not published.
 */
export function requireScaledVariantsKept(account: AccountState, endpoint: Endpoint, next: Fleet): void {
  for (const { variant: name } of targetsOf(account, endpoint.name)) {
    const before = endpoint.variants.find((variant) => variant.name === name);
    if (!before) continue;
    const after = next.variants.find((variant) => variant.name === name);
    if (after && after.instanceType === before.instanceType) continue;
    const change = after
      ? `The update changes its instance type from ${before.instanceType} to ${after.instanceType}.`
      : 'The update removes it.';
    throw validationError(
      `The variant "${name}" of endpoint "${endpoint.arn}" is a scalable target of Application Auto Scaling. ${change} Deregister the variant first.`,
    );
  }
}
