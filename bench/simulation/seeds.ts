/** Drawn rollouts with faults, played and judged one after another on one core. */
import type { WorkflowSandbox } from '../../src/simulation/temporal/sdk.js';
import { judgeSeed } from '../../test/simulation/search/search.js';
import { timed } from '../stopwatch.js';
import type { Figure } from '../table.js';

const seeds = 60;
const secondsAMinute = 60;

export async function measureSeeds(sandbox: WorkflowSandbox): Promise<Figure[]> {
  const { seconds, processorSeconds } = await timed(async () => {
    for (let seed = 1; seed <= seeds; seed++) await judgeSeed(seed, sandbox);
  });
  const perMinute = Math.round((seeds * secondsAMinute) / seconds);
  const perProcessorMinute = Math.round((seeds * secondsAMinute) / processorSeconds);
  return [
    {
      what: `${seeds} seeds of the search for faults`,
      measured: `${perMinute} a minute (${perProcessorMinute} a minute of processor)`,
      aim: '>= 1,000 a minute',
    },
  ];
}
