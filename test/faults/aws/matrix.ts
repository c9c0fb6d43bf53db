/** Every call that the undisturbed scenarios make, with every fault of the call. */
import fc from 'fast-check';
import type { Injection } from './aws-account.js';
import type { Evidence } from './run-scenario.js';
import type { Scenario } from './scenarios.js';
import { faultsOf } from './faults.js';

export interface Cell {
  scenario: Scenario;
  injection: Injection;
}

export function matrixOf(undisturbed: Evidence[]): Cell[] {
  const cells = undisturbed.flatMap((evidence) =>
    ownActions(evidence).flatMap(([action, operations]) =>
      [...operations].flatMap((operation) =>
        faultsOf(operation).map((fault) => ({
          scenario: evidence.scenario,
          injection: { action, operation, fault },
        })),
      ),
    ),
  );
  return cells.filter(({ scenario, injection }) => scenario.includes?.(injection.action) ?? true);
}

/** Without the actions that another scenario also begins with. */
function ownActions({ scenario, called }: Evidence): [string, Set<string>][] {
  const actions = [...called];
  if (!scenario.beginsLikeAnother) return actions;
  return actions.slice(actions.findIndex(([action]) => /^(watchTraffic bake|stopTraining)/.test(action)));
}

export function nameOf({ scenario, injection: { action, operation, fault } }: Cell): string {
  return `${scenario.name}: ${operation} in ${action}, ${fault.name}`;
}

/** The same cells for the same seed: first one for every operation, then random cells. */
export function sampleOf(cells: Cell[], size: number, seed: number): Cell[] {
  const all = { minLength: cells.length, maxLength: cells.length };
  const [shuffled = []] = fc.sample(fc.shuffledSubarray(cells, all), { seed, numRuns: 1 });
  const operations = new Set(cells.map(({ injection }) => injection.operation));
  const firsts = [...operations].flatMap(
    (operation) => shuffled.find(({ injection }) => injection.operation === operation) ?? [],
  );
  return [...new Set([...firsts, ...shuffled])].slice(0, size);
}
