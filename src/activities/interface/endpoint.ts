/** Endpoints as SageMaker describes them. Times are ISO 8601, by Temporal's clock. */
import type { Account } from './account.js';
import type { CreateModelInput } from '@aws-sdk/client-sagemaker';
import type { VariantScaling } from './scaling.js';
import type { ConfigSettings } from './deployment.js';
import type { OtherVariants } from './other-variants.js';
import type { ResourceTags } from './tags.js';
import type { ChosenVersion } from './versions.js';

/**
 * One variant of an endpoint. Weights as in SageMaker: relative, without a unit. In the topology `endpoints`,
 * weights are the shares of the switch, in percent.
 */
export interface VariantObservation {
  name: string;
  endpoint: string;
  configName: string;
  currentWeight: number;
  desiredWeight: number;
  currentCount: number;
  desiredCount: number;
  status: string | null;
  /**
   * Receives copies of requests and does not serve users. Its weight is relative to the production variant's.
   */
  shadow?: true;
}

/**
 * One DescribeEndpoint. `at` is ISO 8601, by Temporal's clock. An observation of two endpoints has `status` and
 * `failureReason` of the less healthy one (`Missing` if it does not exist), `configName` of the baseline's
 * endpoint, and the variants of both.
 */
export interface EndpointObservation {
  at: string;
  status: string;
  configName: string;
  failureReason: string | null;
  variants: VariantObservation[];
}

/** Settings of a model that decide what its containers can reach. */
export type ModelNetwork = Pick<CreateModelInput, 'VpcConfig' | 'EnableNetworkIsolation'>;

/**
 * The endpoint before the rollout changes anything. `startedIn`: absent if AWS's answers do not name the account. `warnings`:
 * for people; absent if there are none. `chosen`: the candidate's version; absent if the plan names its model.
 */
export type InitialEndpoint = { startedIn?: Account; warnings?: string[]; chosen?: ChosenVersion } & (
  | { kind: 'absent' }
  | {
      kind: 'live';
      configName: string;
      /** Id of the rollout that made the config. Null: no rollout did. */
      madeBy: string | null;
      /** Settings of the config, because someone can delete it while the rollout still needs it. */
      settings: ConfigSettings;
      variantName: string;
      modelName: string;
      instanceType: string;
      count: number;
      /** Absent: the variant is the only one. */
      others?: OtherVariants;
      /** Tags without those of AWS and of a rollout. The rollout's own objects get them too. */
      tags: { endpoint: ResourceTags; config: ResourceTags; model: ResourceTags };
      /** Autoscaling of the variant. Null: it has none. */
      scaling: VariantScaling | null;
      /** Network settings of the live model. */
      network: ModelNetwork;
    }
);
