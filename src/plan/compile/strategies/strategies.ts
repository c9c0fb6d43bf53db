/** Every strategy compiles to the same few steps. No code outside this table depends on the strategy. */
import type { Step } from '../../compiled/step.js';
import type { StrategySpec } from '../../spec/fields/strategy.js';
import type { StrategyName, StrategySettings } from '../../spec/fields/strategy-settings.js';
import { compileAbTest } from './ab-test.js';
import { compileBandit } from './bandit.js';
import { compileCanary } from './canary.js';
import { compileLinear } from './linear.js';
import { compileShadow } from './shadow.js';
import { compileStandard } from './standard.js';
import { shiftTo, type Position } from './stage.js';

type Compilers = { [N in StrategyName]: (settings: StrategySettings[N], from: Position) => Step[] };

const compilers: Compilers = {
  standard: compileStandard,
  blueGreen: compileStandard,
  canary: compileCanary,
  linear: compileLinear,
  abTest: compileAbTest,
  shadow: compileShadow,
  bandit: compileBandit,
};

function compileStrategy<N extends StrategyName>(
  { name, settings }: StrategySpec<N>,
  from: Position,
): Step[] {
  return compilers[name](settings, from);
}

/**
 * Steps of the whole chain. Both models are deployed and validated before the first user request. Every strategy
 * starts at the share of the previous one. At the end the candidate has all traffic. `hasBaseline` false: only the
 * candidate is deployed.
 */
export function compileSteps(
  chain: StrategySpec[],
  { hasBaseline, validates }: { hasBaseline: boolean; validates: boolean },
): Step[] {
  const steps: Step[] = [];
  const arrangement = { kind: hasBaseline ? 'sideBySide' : 'candidateOnly' } as const;
  let from: Position = { stage: 0, share: 0 };
  for (const strategy of chain) {
    const next = compileStrategy(strategy, from);
    const movesUsers = next.some((step) => step.kind === 'setWeights');
    if (movesUsers && !steps.some((step) => step.kind === 'setWeights')) {
      steps.push({ kind: 'deploy', stage: from.stage, arrangement });
      if (validates) steps.push({ kind: 'validate', stage: from.stage });
    }
    steps.push(...next);
    from = positionAfter(steps);
  }
  return from.share === 100 ? steps : [...steps, shiftTo(from.stage + 1, 100)];
}

function positionAfter(steps: Step[]): Position {
  const shares = steps.flatMap((step) => (step.kind === 'setWeights' ? [step.weights.candidate] : []));
  return { stage: steps.at(-1)?.stage ?? 0, share: shares.at(-1) ?? 0 };
}

/** Seconds. Infinity if no step is watched. */
export function minBakeSecondsOf(steps: Step[]): number {
  return Math.min(
    ...steps.flatMap((step) =>
      step.kind === 'bake' ? [step.seconds] : step.kind === 'experiment' ? [step.minimumSeconds] : [],
    ),
  );
}
