import type { Scenario } from './scenario.js';
import { beforeTraffic } from './scenarios/before-traffic.js';
import { guardrails } from './scenarios/guardrails.js';
import { missingData } from './scenarios/missing-data.js';
import { operators } from './scenarios/operators.js';
import { promotions } from './scenarios/promotions.js';
import { stickyUsers } from './scenarios/sticky-users.js';
import { strategies } from './scenarios/strategies.js';
import { unreliableAws } from './scenarios/unreliable-aws.js';
import { Stage } from './stage.js';

const groups = [
  promotions,
  strategies,
  stickyUsers,
  guardrails,
  missingData,
  unreliableAws,
  beforeTraffic,
  operators,
];

/**
 * In real time: a rollout spends it on waiting, so all of them run at once, each on an endpoint of its own, and a test
 * waits for its rollout to end.
 */
describe('a rollout, on a real Temporal server and emulated AWS', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let stage: Stage;
  const playing = new Map<Scenario, Promise<PromiseSettledResult<void>>>();

  before(async () => {
    stage = await Stage.open('all');
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
});

/** A scenario that fails before its test is reached is no unhandled rejection. */
async function settle(play: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [end] = await Promise.allSettled([play]);
  return end;
}
