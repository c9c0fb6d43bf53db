/** The arms of a rollout's traffic, found in what endpoints say. No I/O, no clock. */
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { EndpointObservation, VariantObservation } from '../interface/endpoint.js';
import type { TrafficArm, ArmTraffic } from '../interface/traffic.js';

export interface RoleArm {
  role: Role;
  arm: TrafficArm;
}

/** Those that are there, the baseline first. */
export function armsOf({ arms }: Pick<ArmTraffic, 'arms'>): RoleArm[] {
  const candidate: RoleArm = { role: 'candidate', arm: arms.candidate };
  return arms.baseline === null ? [candidate] : [{ role: 'baseline', arm: arms.baseline }, candidate];
}

/** The arms that must be well: an endpoint of its own that is not concerned must not bar a way back. */
export function requiredArms(traffic: ArmTraffic, isConcerned: (role: Role) => boolean): RoleArm[] {
  const arms = armsOf(traffic);
  const concerned = arms.filter(({ role }) => isConcerned(role));
  return traffic.topology === 'variants' || concerned.length === 0 ? arms : concerned;
}

/** For people, e.g. `endpoint digits`. */
export function describeEndpoints(traffic: ArmTraffic): string {
  const names = [...new Set(armsOf(traffic).map(({ arm }) => arm.endpoint))];
  return `${names.length === 1 ? 'endpoint' : 'endpoints'} ${names.join(' and ')}`;
}

export function findArmVariant(
  { variants }: EndpointObservation,
  arm: TrafficArm,
): VariantObservation | null {
  return variants.find((variant) => isOf(variant, arm)) ?? null;
}

function isOf({ name, endpoint, shadow }: VariantObservation, arm: TrafficArm): boolean {
  return name === arm.variant && endpoint === arm.endpoint && (shadow ?? false) === arm.shadow;
}

/** Traffic shares in percent; a shadow has none. Null where no variant has any weight. */
export function armSharesOf(
  seen: EndpointObservation,
  { topology, arms }: ArmTraffic,
  weight: 'currentWeight' | 'desiredWeight',
): Weights | null {
  const serving = seen.variants.filter((variant) => !variant.shadow);
  const sum = serving.reduce((total, variant) => total + variant[weight], 0);
  if (!(sum > 0)) return null;
  // Between endpoints the weights are percents already, also where one of the two is not there.
  const whole = topology === 'endpoints' ? 100 : sum;
  const shareOf = (arm: TrafficArm | null) =>
    ((serving.find((variant) => arm !== null && isOf(variant, arm))?.[weight] ?? 0) / whole) * 100;
  return { baseline: shareOf(arms.baseline), candidate: shareOf(arms.candidate) };
}

/** Null where every endpoint that is there is on its arm's config. */
export function findWrongConfig(seen: EndpointObservation, arms: RoleArm[]): string | null {
  for (const [i, { arm }] of arms.entries()) {
    const variant = seen.variants.find(({ endpoint }) => endpoint === arm.endpoint);
    // An endpoint that is being made shows no variants yet.
    const configName = variant?.configName ?? (i === 0 ? seen.configName : arm.configName);
    if (configName !== arm.configName) {
      return `endpoint ${arm.endpoint} is on config ${configName}, not on ${arm.configName}`;
    }
  }
  return null;
}

/** Null where the endpoints of these arms have the arms' variants and no others. */
export function findWrongVariant(seen: EndpointObservation, arms: RoleArm[]): string | null {
  for (const { arm } of arms) {
    if (findArmVariant(seen, arm) !== null) continue;
    return `endpoint ${arm.endpoint} has no ${arm.shadow ? 'shadow variant' : 'variant'} ${arm.variant}`;
  }
  const ours = new Set(arms.map(({ arm }) => arm.endpoint));
  const stranger = seen.variants.find(
    (variant) => ours.has(variant.endpoint) && !arms.some(({ arm }) => isOf(variant, arm)),
  );
  return stranger ? `endpoint ${stranger.endpoint} has the unknown variant ${stranger.name}` : null;
}
