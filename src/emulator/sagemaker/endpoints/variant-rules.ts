/** Rules for the variants of a config that AWS's service model does not contain. */
import type {
  CreateEndpointConfigInput,
  ProductionVariant,
  ProductionVariantServerlessConfig,
} from '@aws-sdk/client-sagemaker';
import { validationError } from '../../http/service-error.js';
import type { Validated } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import type { EndpointConfigRequest } from '../kept-requests.js';
import { requireModel } from '../registry/models.js';

const memoryStepMb = 1024;

export function requireVariants(
  account: AccountState,
  request: Validated<CreateEndpointConfigInput>,
): asserts request is EndpointConfigRequest {
  const { ProductionVariants: production, ShadowProductionVariants: shadow } = request;
  const all = [...production, ...(shadow ?? [])];
  if (new Set(all.map((each) => each.VariantName)).size < all.length) {
    throw validationError('Duplicate variant names are not allowed in an endpoint configuration.');
  }
  if (shadow && (production.length !== 1 || shadow.length !== 1)) {
    throw validationError(
      'An endpoint configuration with shadow variants must have exactly one production variant and one shadow variant.',
    );
  }
  if (all.length > 1 && all.some((each) => each.ServerlessConfig)) {
    throw validationError('A serverless endpoint configuration must have exactly one production variant.');
  }
  for (const each of all) requireVariant(account, each);
  if (request.KmsKeyId !== undefined) for (const each of all) requireKeyAllowed(each);
}

/**
 * botocore, CreateEndpointConfig: "If you specify a value for KmsKeyId when using any nitro-based instances with local storage, the
 * call to CreateEndpointConfig fails." The words of the refusal are a guess. The families are those for which AWS's SDK for Python
 * sets no volume size: https://github.com/aws/sagemaker-python-sdk/blob/v2.257.0/src/sagemaker/utils.py
 */
function requireKeyAllowed({ VariantName, InstanceType }: Validated<ProductionVariant>): void {
  const family = InstanceType?.split('.')[1] ?? '';
  if (!/^(g5|g6|p5|trn1)/.test(family) && !family.includes('d')) return;
  throw validationError(
    `KmsKeyId is not supported for variant ${VariantName}, because ${InstanceType} has local storage.`,
  );
}

/** botocore, ProductionVariantServerlessConfig: ProvisionedConcurrency is at most MaxConcurrency. */
export function requireConcurrency(
  variant: string,
  { MaxConcurrency = 0, ProvisionedConcurrency = 0 }: ProductionVariantServerlessConfig,
): void {
  if (ProvisionedConcurrency <= MaxConcurrency) return;
  throw validationError(
    `ProvisionedConcurrency ${ProvisionedConcurrency} of variant ${variant} must be less than or equal to its MaxConcurrency ${MaxConcurrency}.`,
  );
}

function requireVariant(account: AccountState, variant: Validated<ProductionVariant>): void {
  if (variant.ModelName === undefined) {
    throw validationError(
      `Variant ${variant.VariantName} needs ModelName: inference components are not emulated.`,
    );
  }
  requireModel(account, variant.ModelName);
  if (variant.ManagedInstanceScaling) {
    // The words of AWS, https://github.com/hashicorp/terraform-provider-aws/pull/45926.
    throw validationError('ManagedInstanceScaling is only supported for inference component endpoints.');
  }
  if (variant.ServerlessConfig) requireServerless(variant, variant.ServerlessConfig);
  else if (variant.InstanceType === undefined || variant.InitialInstanceCount === undefined) {
    throw validationError(`Variant ${variant.VariantName} needs InstanceType and InitialInstanceCount.`);
  }
}

/** Members that describe instances, which a serverless variant does not have. */
const ofInstances = [
  'InstanceType',
  'InitialInstanceCount',
  'InstancePools',
  'AcceleratorType',
  'AcceleratorPartitionLayouts',
  'CapacityReservationConfig',
  'VariantInstanceProvisionTimeoutInSeconds',
] as const;

/**
 * botocore: a ServerlessConfig is "instead of an instance-based endpoint configuration", and the memory is a whole
 * number of GB (its bounds are in the model).
 */
function requireServerless(
  variant: Validated<ProductionVariant>,
  serverless: Validated<ProductionVariantServerlessConfig>,
): void {
  const { VariantName } = variant;
  const refused = ofInstances.filter((name) => Object.hasOwn(variant, name));
  if (refused.length > 0) {
    throw validationError(`Variant ${VariantName} has a ServerlessConfig, so remove ${refused.join(', ')}.`);
  }
  if (serverless.MemorySizeInMB % memoryStepMb !== 0) {
    throw validationError(
      `MemorySizeInMB ${serverless.MemorySizeInMB} of variant ${VariantName} must be one of 1024, 2048, 3072, 4096, 5120, 6144.`,
    );
  }
  requireConcurrency(VariantName, serverless);
}
