/** Every call that the undisturbed stories make, with every trouble that it may meet. */
import fc from 'fast-check';
import type { Injection } from './aws-account.js';
import type { Evidence } from './run-scenario.js';
import type { Scenario } from './scenarios.js';
import { troublesOf } from './faults.js';

export interface Cell {
  story: Scenario;
  injection: Injection;
}

export function matrixOf(undisturbed: Evidence[]): Cell[] {
  const cells = undisturbed.flatMap((evidence) =>
    ownActs(evidence).flatMap(([act, operations]) =>
      [...operations].flatMap((operation) =>
        troublesOf(operation).map((trouble) => ({
          story: evidence.story,
          injection: { act, operation, trouble },
        })),
      ),
    ),
  );
  return cells.filter(({ story, injection }) => story.tries?.(injection.act, injection.trouble) ?? true);
}

/** Without those that another story begins with, too. */
function ownActs({ story, called }: Evidence): [string, Set<string>][] {
  const acts = [...called];
  if (!story.beginsLikeAnother) return acts;
  return acts.slice(acts.findIndex(([act]) => /^(watchTraffic bake|stopTraining)/.test(act)));
}

export function nameOf({ story, injection: { act, operation, trouble } }: Cell): string {
  return `${story.name}: ${operation} in ${act}, ${trouble.name}`;
}

/** The same cells for the same seed: first one for every operation, then any. */
export function sampleOf(cells: Cell[], size: number, seed: number): Cell[] {
  const all = { minLength: cells.length, maxLength: cells.length };
  const [shuffled = []] = fc.sample(fc.shuffledSubarray(cells, all), { seed, numRuns: 1 });
  const operations = new Set(cells.map(({ injection }) => injection.operation));
  const firsts = [...operations].flatMap(
    (operation) => shuffled.find(({ injection }) => injection.operation === operation) ?? [],
  );
  return [...new Set([...firsts, ...shuffled])].slice(0, size);
}
