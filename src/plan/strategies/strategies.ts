/** Every strategy is a compiler to the same few steps; nothing past this table knows which one it was. */
import type { Step } from '../plan.js';
import type { StrategyName, StrategySettings, StrategySpec } from '../spec/strategy.js';
import { compileCanary } from './canary.js';
import { compileStandard } from './standard.js';

type Compilers = { [N in StrategyName]: (settings: StrategySettings[N]) => Step[] };

const compilers: Compilers = {
  standard: compileStandard,
  canary: compileCanary,
};

export function compileSteps<N extends StrategyName>({ name, settings }: StrategySpec<N>): Step[] {
  return compilers[name](settings);
}

export function shortestBakeSeconds(steps: Step[]): number {
  return Math.min(...steps.flatMap((step) => (step.kind === 'bake' ? [step.seconds] : [])));
}
