import type { AccountState } from '../../account/account-state.js';
import { validationError } from '../../http/service-error.js';

/** The instance types with burstable performance are those whose family begins with t. */
const burstable = /^ml\.t\d/;

/**
 * Refuses a variant that does not exist, or cannot be scaled. An endpoint that is being created has its variants already:
 * botocore says that a resource need not be active to be registered.
 */
export function requireScalable(
  account: AccountState,
  { endpoint: name, variant: variantName }: { endpoint: string; variant: string },
  minCapacity: number,
): void {
  const endpoint = account.endpoints.get(name.toLowerCase());
  const variant = endpoint?.config.request.ProductionVariants.find(
    (each) => each.VariantName === variantName,
  );
  if (!endpoint || endpoint.name !== name)
    throw validationError(`Could not find endpoint "${account.arn('endpoint', name)}".`);
  if (!variant)
    throw validationError(`Could not find variant "${variantName}" in endpoint "${endpoint.arn}".`);
  // botocore: serverless variants have a dimension of their own, DesiredProvisionedConcurrency.
  if (variant.InstanceType === undefined)
    throw validationError(`The variant "${variantName}" of endpoint "${endpoint.arn}" has no instances.`);
  // AWS's words, which a user has published.
  if (burstable.test(variant.InstanceType))
    throw validationError(
      `You cannot register a variant with ${variant.InstanceType} instance type as a scalable target. This is because the burstable performance of these instances can lead to unpredictable behavior with Auto Scaling.`,
    );
  // https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html: at least 1. Only asynchronous
  // endpoints scale to 0: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
  const least = endpoint.config.request.AsyncInferenceConfig ? 0 : 1;
  if (minCapacity < least) throw validationError(`Minimum capacity cannot be less than ${least}`);
}
