import type { CustomPace } from '../../src/emulator/emulator.js';
import type { Group, Scenario } from './scenario.js';
import { E2eEnvironment } from './e2e-environment.js';

/**
 * Runs scenarios in real time. Rollouts mostly wait, so all run at once, each on a separate endpoint. A test waits for
 * its rollout to end. The calling suite needs a long timeout.
 */
export function runGroups(name: string, groups: Group[], durations: CustomPace = {}): void {
  let environment: E2eEnvironment;
  const results = new Map<Scenario, Promise<PromiseSettledResult<void>>>();

  before(async () => {
    environment = await E2eEnvironment.open(name, durations);
    await environment.startWorker();
    for (const scenario of groups.flatMap(({ scenarios }) => scenarios)) {
      results.set(scenario, settle(scenario.run(environment)));
    }
  });
  after(() => environment?.close());

  for (const { about, scenarios } of groups) {
    describe(about, () => {
      for (const scenario of scenarios) {
        it(scenario.it, async () => {
          const result = await results.get(scenario);
          if (result?.status !== 'fulfilled') throw result?.reason;
        });
      }
    });
  }
}

/** A scenario that fails before its test is reached must not be an unhandled rejection. */
async function settle(run: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [result] = await Promise.allSettled([run]);
  return result;
}
