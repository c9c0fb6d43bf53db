/** Checked requests that SageMaker stores and returns when the resource is described. */
import type {
  CreateEndpointConfigInput,
  CreateModelInput,
  CreateModelPackageInput,
  DeploymentConfig,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import type { Validated } from '../service-model/modelled.js';

export type ModelRequest = Validated<CreateModelInput>;
export type ModelPackageRequest = Validated<CreateModelPackageInput>;

/** The members of a package that UpdateModelPackage can change, except its approval. */
export type PackageDescription = Pick<
  ModelPackageRequest,
  | 'InferenceSpecification'
  | 'ModelCard'
  | 'ModelLifeCycle'
  | 'ModelPackageRegistrationType'
  | 'SourceUri'
  | 'CustomerMetadataProperties'
  | 'AdditionalInferenceSpecifications'
>;

type Variants = (Validated<ProductionVariant> & { ModelName: string })[];
export type EndpointConfigRequest = Validated<CreateEndpointConfigInput> & {
  ProductionVariants: Variants;
  ShadowProductionVariants?: Variants;
};

/** Deployment configuration of an update. */
export type DeploymentRequest = Validated<DeploymentConfig>;
