/** Requests that SageMaker keeps and gives back when the resource is described, as the service model has checked them. */
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

type Variants = (Validated<ProductionVariant> & { ModelName: string })[];
export type EndpointConfigRequest = Validated<CreateEndpointConfigInput> & {
  ProductionVariants: Variants;
  ShadowProductionVariants?: Variants;
};

/** How an update's new fleet takes over. */
export type DeploymentRequest = Validated<DeploymentConfig>;
