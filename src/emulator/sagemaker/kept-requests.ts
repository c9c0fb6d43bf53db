/** Requests that SageMaker keeps and gives back when the resource is described, as the service model has checked them. */
import type {
  CreateEndpointConfigInput,
  CreateModelInput,
  CreateModelPackageInput,
  DeploymentConfig,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import type { Checked } from '../service-model/modelled.js';

export type ModelRequest = Checked<CreateModelInput>;
export type ModelPackageRequest = Checked<CreateModelPackageInput>;

type Variants = (Checked<ProductionVariant> & { ModelName: string })[];
export type EndpointConfigRequest = Checked<CreateEndpointConfigInput> & {
  ProductionVariants: Variants;
  ShadowProductionVariants?: Variants;
};

/** How an update's new fleet takes over. */
export type DeploymentRequest = Checked<DeploymentConfig>;
