/** Which model of a rollout an observed variant serves. Pure. */
import { resourceNamesOf, type Role } from './names.js';

/** `configName`: the config that the variant's endpoint is on. */
export interface SeenVariant {
  name: string;
  configName: string;
}

/**
 * Null: the variant is not of the rollout. A name alone does not tell: with stable names, a promoted candidate has the baseline's
 * name, and with two endpoints both have it from the start. The configs that only have the candidate do.
 */
export function roleOfVariant(
  { name, configName }: SeenVariant,
  { rolloutId, variants }: { rolloutId: string; variants: Record<Role, string> },
): Role | null {
  if (name !== variants.baseline && name !== variants.candidate) return null;
  const { singleConfig, candidateConfig } = resourceNamesOf(rolloutId);
  if (configName === singleConfig.candidate || configName === candidateConfig) return 'candidate';
  return name === variants.baseline ? 'baseline' : 'candidate';
}

export function findVariantOf<V extends SeenVariant>(
  seen: readonly V[],
  role: Role,
  of: { rolloutId: string; variants: Record<Role, string> },
): V | null {
  return seen.find((variant) => roleOfVariant(variant, of) === role) ?? null;
}
