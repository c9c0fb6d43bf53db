/** The endpoint of a backtest. Each request of the rollout takes effect at once, as the recording has no delays. */
import type { DesiredDeployment, DesiredVariant } from '../../activities/interface/deployment.js';
import type {
  EndpointObservation,
  InitialEndpoint,
  VariantObservation,
} from '../../activities/interface/endpoint.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { armsOf } from '../../activities/endpoint/arms.js';
import type { Weights } from '../../plan/compiled/names.js';
import { remainderOf } from '../../plan/units/percents.js';

export class RecordedEndpoint {
  private variants: VariantObservation[];
  private traffic: ArmTraffic | null = null;
  private weights: Weights | null = null;

  constructor(
    private readonly name: string,
    starting: InitialEndpoint & { kind: 'live' },
    private readonly clock: { readonly nowMs: number },
  ) {
    const { variantName, configName, count } = starting;
    this.variants = [toVariant({ name: variantName, weight: 100, count }, name, configName)];
  }

  /** The candidate's share in percent; null before the rollout has set it. */
  get share(): number | null {
    return this.weights?.candidate ?? null;
  }

  deploy(endpoint: string, { configName, variants, shadow }: DesiredDeployment): EndpointObservation {
    this.delete(endpoint);
    this.variants.push(...variants.map((variant) => toVariant(variant, endpoint, configName)));
    if (shadow !== null)
      this.variants.push({ ...toVariant(shadow, endpoint, configName), shadow: true as const });
    return this.observe();
  }

  delete(endpoint: string): void {
    this.variants = this.variants.filter((variant) => variant.endpoint !== endpoint);
  }

  setWeights(traffic: ArmTraffic, weights: Weights): EndpointObservation {
    this.traffic = traffic;
    this.weights = weights;
    for (const { role, arm } of armsOf(traffic))
      for (const variant of this.variants)
        if (variant.endpoint === arm.endpoint && variant.name === arm.variant && !arm.shadow)
          variant.currentWeight = variant.desiredWeight = weights[role];
    return this.observe();
  }

  /** The recorded rollout has changed the candidate's share, and this rollout has not asked for it. */
  changeShare(share: number): void {
    if (this.traffic === null) return;
    this.setWeights(this.traffic, { baseline: remainderOf(share), candidate: share });
  }

  observe(): EndpointObservation {
    const own = this.variants.find(({ endpoint }) => endpoint === this.name);
    return {
      at: new Date(this.clock.nowMs).toISOString(),
      status: 'InService',
      configName: own?.configName ?? '',
      failureReason: null,
      variants: this.variants.map((variant) => ({ ...variant })),
    };
  }
}

function toVariant(
  { name, weight, count }: Pick<DesiredVariant, 'name' | 'weight' | 'count'>,
  endpoint: string,
  configName: string,
): VariantObservation {
  return {
    ...{ name, endpoint, configName, currentWeight: weight, desiredWeight: weight },
    ...{ currentCount: count, desiredCount: count, status: null },
  };
}
