import type { CustomPace } from '../../src/emulator/emulator.js';
import type { Group, Scenario } from './scenario.js';
import { E2eEnvironment } from './e2e-environment.js';

/**
 * In real time: a rollout spends it on waiting, so all of them run at once, each on an endpoint of its own, and a test
 * waits for its rollout to end. Call it within a suite that has time.
 */
export function playGroups(name: string, groups: Group[], durations: CustomPace = {}): void {
  let stage: E2eEnvironment;
  const playing = new Map<Scenario, Promise<PromiseSettledResult<void>>>();

  before(async () => {
    stage = await E2eEnvironment.open(name, durations);
    await stage.startWorker();
    for (const scenario of groups.flatMap(({ scenarios }) => scenarios)) {
      playing.set(scenario, settle(scenario.play(stage)));
    }
  });
  after(() => stage?.close());

  for (const { about, scenarios } of groups) {
    describe(about, () => {
      for (const scenario of scenarios) {
        it(scenario.it, async () => {
          const end = await playing.get(scenario);
          if (end?.status !== 'fulfilled') throw end?.reason;
        });
      }
    });
  }
}

/** A scenario that fails before its test is reached is no unhandled rejection. */
async function settle(play: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [end] = await Promise.allSettled([play]);
  return end;
}
