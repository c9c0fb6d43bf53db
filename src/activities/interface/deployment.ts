/** What an endpoint is to be. Weights in percent. */

export interface DesiredVariant {
  name: string;
  modelName: string;
  instanceType: string;
  count: number;
  /** InitialVariantWeight in percent. */
  weight: number;
}

/**
 * The endpoint config that an endpoint is to be on. `owned`: the rollout makes (and may delete) it; else it must
 * exist. `basedOn`: an existing config whose other settings (encryption, data capture, network) carry over.
 * `createsEndpoint`: the endpoint began with this rollout; else it was there before and is never made.
 */
export interface DesiredDeployment {
  configName: string;
  owned: boolean;
  basedOn: string | null;
  createsEndpoint: boolean;
  variants: DesiredVariant[];
  /** Gets copies of the requests; `weight` relative to the production variant's, in percent. */
  shadow: DesiredVariant | null;
  metricPeriodSeconds: number;
}
