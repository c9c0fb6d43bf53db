/** The desired state of an endpoint. Weights in percent. */
import type { CreateEndpointConfigInput } from '@aws-sdk/client-sagemaker';
import type { AwsMembers } from '../../plan/compiled/aws-members.js';
import type { VariantScaling } from './scaling.js';
import type { OtherVariants } from './other-variants.js';
import type { ResourceTags } from './tags.js';

/** All that an endpoint config says, without its name and its tags. Plain JSON, as DescribeEndpointConfig returns it. */
export type ConfigSettings = Omit<CreateEndpointConfigInput, 'EndpointConfigName' | 'Tags'>;

export interface DesiredVariant {
  name: string;
  modelName: string;
  instanceType: string;
  count: number;
  /** InitialVariantWeight in percent; percent of the weight of the pair, if there are others. */
  weight: number;
  /**
   * The name in the config, which a variant of another model has in `base`. `name` is then a name of the rollout: a worker of an
   * earlier release ignores this field, and must not take the variant in `base` for this one. Absent: `name`.
   */
  renamedTo?: string;
  /**
   * Instance types by config: in these configs, the variant of this name has other instances. An update from such a config does
   * not keep their number. Absent: none.
   */
  otherFleetIn?: Record<string, string>;
}

/**
 * The endpoint config that an endpoint must be on.
 *
 * - `owned`: the rollout creates the config and may delete it. If false, it served before the rollout, and is created
 *   again from `base` only if someone has deleted it.
 * - `base`: of the config that served before. Its other settings (encryption, data capture, network) carry over. Null: no
 *   config served before.
 * - `copies`: the variant of `base` that a new variant is a copy of. Null: no config served before.
 * - `others`: variants of `base` that stay as they are. Absent: there are none.
 * - `replaces`: the config that this one may replace. On another one, someone else has updated the endpoint, and the
 *   deployment fails as `Drift`. Null: any config, for a rollback.
 * - `createsEndpoint`: this rollout creates the endpoint. If false, the endpoint existed before, and the
 *   rollout never creates it.
 */
export interface DesiredDeployment {
  configName: string;
  owned: boolean;
  base: ConfigSettings | null;
  copies: string | null;
  others?: OtherVariants;
  replaces: string | null;
  createsEndpoint: boolean;
  variants: DesiredVariant[];
  /** Receives copies of the requests. `weight`: relative to the production variant's, in percent. */
  shadow: DesiredVariant | null;
  metricPeriodSeconds: number;
  /** Settings of each variant that `base` does not have. They replace those of the copy. Absent: none. */
  variantSettings?: AwsMembers;
  /**
   * Autoscaling of variants by name, once the endpoint is on the config. Variants that the config lacks are deregistered before
   * the update, because SageMaker refuses to remove a scalable target. Null: the endpoint had no autoscaling, so none is read.
   */
  scaling: Record<string, VariantScaling> | null;
  /** Tags of the config, and of the endpoint if the rollout creates it. Those that show the owner are added. */
  tags: { config: ResourceTags; endpoint: ResourceTags };
}
