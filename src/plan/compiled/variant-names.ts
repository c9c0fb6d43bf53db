/** The names of a rollout's variants. Pure. */
import { resourceNamesOf, type Role } from './names.js';
import type { Plan } from './plan.js';

export type VariantNames = Record<Role, string>;

/** A live baseline keeps its name, `live`. Null: no model serves before the rollout. */
export function variantNamesOf(
  { rolloutId, serve }: Pick<Plan, 'rolloutId' | 'serve'>,
  live: string | null,
): VariantNames {
  const own = resourceNamesOf(rolloutId).variant;
  const { variantNames = { kind: 'perRollout' } } = serve;
  switch (variantNames.kind) {
    case 'perRollout':
      return { baseline: live ?? own.baseline, candidate: own.candidate };
    case 'alternate': {
      const [first, second] = variantNames.names;
      const candidate = live !== null && isSameName(live, first) ? second : first;
      return { baseline: live ?? second, candidate };
    }
  }
}

/** Whether SageMaker tells names apart by case is not documented, so names that differ only in it count as the same. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
