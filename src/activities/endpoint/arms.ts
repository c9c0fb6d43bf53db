/** Finds the arms of a rollout's traffic in observations of endpoints. No I/O, no clock. */
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { EndpointObservation, VariantObservation } from '../interface/endpoint.js';
import type { TrafficArm, ArmTraffic } from '../interface/traffic.js';

export interface RoleArm {
  role: Role;
  arm: TrafficArm;
}

/** The existing arms, the baseline first. */
export function armsOf({ arms }: Pick<ArmTraffic, 'arms'>): RoleArm[] {
  const candidate: RoleArm = { role: 'candidate', arm: arms.candidate };
  return arms.baseline === null ? [candidate] : [{ role: 'baseline', arm: arms.baseline }, candidate];
}

/**
 * Arms that must be healthy for this change. With two endpoints, an unhealthy one that is not affected must not
 * block a rollback.
 */
export function requiredArms(traffic: ArmTraffic, isAffected: (role: Role) => boolean): RoleArm[] {
  const arms = armsOf(traffic);
  const affected = arms.filter(({ role }) => isAffected(role));
  return traffic.topology === 'variants' || affected.length === 0 ? arms : affected;
}

/** For messages, e.g. `endpoint digits`. */
export function describeEndpoints(traffic: ArmTraffic): string {
  const names = [...new Set(armsOf(traffic).map(({ arm }) => arm.endpoint))];
  return `${names.length === 1 ? 'endpoint' : 'endpoints'} ${names.join(' and ')}`;
}

export function findArmVariant(
  { variants }: EndpointObservation,
  arm: TrafficArm,
): VariantObservation | null {
  return variants.find((variant) => isVariantOfArm(variant, arm)) ?? null;
}

function isVariantOfArm({ name, endpoint, shadow }: VariantObservation, arm: TrafficArm): boolean {
  return name === arm.variant && endpoint === arm.endpoint && (shadow ?? false) === arm.shadow;
}

/** Percent of the traffic of both arms. A shadow has none. Null if no arm has any weight. */
export function armSharesOf(
  seen: EndpointObservation,
  { topology, arms, others }: ArmTraffic,
  weight: 'currentWeight' | 'desiredWeight',
): Weights | null {
  const serving = seen.variants.filter((variant) => !variant.shadow && !isOther(variant, others));
  const sum = serving.reduce((weights, variant) => weights + variant[weight], 0);
  if (!(sum > 0)) return null;
  // In the topology `endpoints` weights are percentages, even if one of the two endpoints does not exist.
  const total = topology === 'endpoints' ? 100 : sum;
  const shareOf = (arm: TrafficArm | null) =>
    ((serving.find((variant) => arm !== null && isVariantOfArm(variant, arm))?.[weight] ?? 0) / total) * 100;
  return { baseline: shareOf(arms.baseline), candidate: shareOf(arms.candidate) };
}

function isOther({ name }: VariantObservation, others: ArmTraffic['others']): boolean {
  return others?.variants.some((other) => other.name === name) ?? false;
}

/** A message if an existing endpoint is not on its arm's config; else null. */
export function findWrongConfig(seen: EndpointObservation, arms: RoleArm[]): string | null {
  for (const [i, { arm }] of arms.entries()) {
    const variant = seen.variants.find(({ endpoint }) => endpoint === arm.endpoint);
    // An endpoint in status Creating has no variants yet.
    const configName = variant?.configName ?? (i === 0 ? seen.configName : arm.configName);
    if (configName !== arm.configName) {
      return describeOtherConfig(arm.endpoint, configName, arm.configName);
    }
  }
  return null;
}

/** A message if an endpoint of these arms lacks an arm's variant or has an unknown variant; else null. */
export function findWrongVariant(
  seen: EndpointObservation,
  arms: RoleArm[],
  { others }: ArmTraffic,
): string | null {
  for (const { arm } of arms) {
    if (findArmVariant(seen, arm) !== null) continue;
    return `endpoint ${arm.endpoint} has no ${arm.shadow ? 'shadow variant' : 'variant'} ${arm.variant}`;
  }
  const ours = new Set(arms.map(({ arm }) => arm.endpoint));
  const unknown = seen.variants.find(
    (variant) =>
      ours.has(variant.endpoint) &&
      !isOther(variant, others) &&
      !arms.some(({ arm }) => isVariantOfArm(variant, arm)),
  );
  return unknown ? `endpoint ${unknown.endpoint} has the unknown variant ${unknown.name}` : null;
}

export function describeOtherConfig(endpoint: string, found: string, expected: string): string {
  return `endpoint ${endpoint} is on config ${found}, not on ${expected}`;
}
