/** Draws variants that the endpoint has beside the one that the rollout replaces. */
import type { SpecJson } from '../../../../src/client/start-options.js';
import { originalVariant } from '../play/people.js';
import type { Dice } from '../dice.js';
import type { Account, OtherVariant } from '../scenario.js';

interface Drawn {
  account: Account;
  spec: SpecJson;
}

const names = ['small', 'medium', 'large'];

export function drawOthers(dice: Dice, { account, spec }: Drawn): Drawn {
  if (!dice.chance(0.3) || !isPossible(spec)) return { account, spec };
  const others = names.slice(0, dice.whole(1, 3)).map((name) => drawOther(dice, name));
  const models = { ...(spec.models as object), baseline: { variant: originalVariant } };
  return {
    account: { ...account, weight: dice.pick([1, 3, 0.3, 100]), others },
    spec: { ...spec, models },
  };
}

function drawOther(dice: Dice, name: string): OtherVariant {
  return {
    name,
    model: dice.pick(['other', 'other', 'baseline', 'candidate']),
    weight: dice.pick([1, 2, 5, 0.7, 0]),
    count: dice.whole(1, 3),
    ...dice.weighted<() => Pick<OtherVariant, 'since' | 'isScaled'>>([
      [3, () => ({ since: null, isScaled: false })],
      [3, () => ({ since: { weight: dice.pick([1, 4, 0.25]), count: dice.whole(1, 4) }, isScaled: false })],
      [2, () => ({ since: null, isScaled: true })],
    ])(),
  };
}

/** The preflight refuses the rest: docs/adr/0042-beside-other-variants.md. */
function isPossible({ serve, strategy }: SpecJson): boolean {
  const { topology, variantNames } = serve as { topology?: string; variantNames?: unknown };
  return (
    topology !== 'endpoints' && variantNames !== 'stable' && !JSON.stringify(strategy).includes('"shadow"')
  );
}
