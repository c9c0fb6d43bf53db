/** The names of a rollout's variants. Pure. */
import type { VariantNaming } from './model-plan.js';
import { resourceNamesOf, type Role } from './names.js';
import type { Plan } from './plan.js';

/**
 * The naming of a spec without `serve.variantNames`. `replaced`: the variant that the spec names, null if it names none. Beside
 * other variants, the last update of stable names would reset their instances.
 */
export function defaultNamingOf(replaced: string | null): VariantNaming {
  return { kind: replaced === null ? 'stable' : 'perRollout' };
}

/** `promoted`: the candidate's name after the last update, which removes the baseline. */
export type VariantNames = Record<Role | 'promoted', string>;

/** A live baseline keeps its name, `live`. Null: no model serves before the rollout. */
export function variantNamesOf(
  { rolloutId, serve, models, topology }: Pick<Plan, 'rolloutId' | 'serve' | 'models' | 'topology'>,
  live: string | null,
): VariantNames {
  const own = resourceNamesOf(rolloutId).variant;
  const { variantNames = { kind: 'perRollout' } } = serve;
  switch (variantNames.kind) {
    case 'perRollout':
      return { baseline: live ?? own.baseline, candidate: own.candidate, promoted: own.candidate };
    case 'alternate': {
      const [first, second] = variantNames.names;
      const candidate = live !== null && isSameName(live, first) ? second : first;
      return { baseline: live ?? second, candidate, promoted: candidate };
    }
    case 'stable': {
      const baseline = live ?? own.baseline;
      if (models.baseline.kind === 'none') return { ...own, promoted: own.candidate };
      // Variants of two endpoints can have the same name.
      return { baseline, candidate: topology === 'endpoints' ? baseline : own.candidate, promoted: baseline };
    }
  }
}

/** Whether SageMaker tells names apart by case is not documented, so names that differ only in it count as the same. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
