import type { Step } from '../plan.js';
import type { StrategySettings } from '../spec/strategy.js';
import { stage } from './stage.js';

/** Share by share. The step to all traffic closes every rollout; unless the spec lists it, it has no bake of its own. */
export function compileCanary({ steps }: StrategySettings['canary']): Step[] {
  const given = steps.flatMap((step, i) => stage(i + 1, step.share, step.bakeSeconds));
  return steps.at(-1)?.share === 100 ? given : [...given, ...stage(steps.length + 1, 100, null)];
}
