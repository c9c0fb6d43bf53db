/** The desired state of an endpoint. Weights in percent. */

export interface DesiredVariant {
  name: string;
  modelName: string;
  instanceType: string;
  count: number;
  /** InitialVariantWeight in percent. */
  weight: number;
}

/**
 * The endpoint config that an endpoint must be on.
 *
 * - `owned`: the rollout creates the config and may delete it. If false, the config must exist.
 * - `basedOn`: an existing config. Its other settings (encryption, data capture, network) carry over.
 * - `replaces`: the config that this one may replace. On another one, someone else has updated the endpoint, and the
 *   deployment fails as `Drift`. Null: any config, for a rollback.
 * - `createsEndpoint`: this rollout creates the endpoint. If false, the endpoint existed before, and the
 *   rollout never creates it.
 */
export interface DesiredDeployment {
  configName: string;
  owned: boolean;
  basedOn: string | null;
  replaces: string | null;
  createsEndpoint: boolean;
  variants: DesiredVariant[];
  /** Receives copies of the requests. `weight`: relative to the production variant's, in percent. */
  shadow: DesiredVariant | null;
  metricPeriodSeconds: number;
}
