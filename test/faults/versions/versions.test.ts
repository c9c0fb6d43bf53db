import assert from 'node:assert/strict';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { NoWorker, WorkerFailing } from '../../../src/client.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { specOf, twoSteps } from '../../e2e/specs.js';
import { E2eEnvironment, type Version } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { retryUntilAnswered } from '../server/moments.js';
import { patchedBundle, unpatchedBundle } from './bundles.js';
import { patchesIn, waitForNonDeterminism } from './tasks.js';

const ben = { actor: 'ben', reason: 'a test' };
const shares = [0, 25, 50, 100];
/** Three shares, and a second instance before the last share. */
const weightChanges = 4;

const current: Version = {};
let next: Version;
let unpatched: Version;

/** The plan of the next version has an additional field. */
function withLongerPause(activities: RolloutActivities): Partial<RolloutActivities> {
  return {
    compileRollout: async (request) => ({ ...(await activities.compileRollout(request)), settleMs: 1_000 }),
  };
}

interface Scenario {
  it: string;
  endpoint: string;
  run(environment: E2eEnvironment, endpoint: string): Promise<void>;
}

const scenarios: Scenario[] = [
  {
    it: 'next version: takes over a bake, no patch recorded yet -> current version can take it back, promoted',
    endpoint: 'there-and-back',
    async run(environment, endpoint) {
      const { rollout, stop } = await bakingOn(current, environment, endpoint);
      await stop();
      const stopNext = await environment.startWorker(next);
      // While the rollout is paused, the bake does not end, and the new code does not run.
      await environment.rollouts.pause(endpoint, ben);
      await rollout.until(({ verdicts }) => verdicts.some(({ result }) => result === 'pass'));
      await stopNext();
      await environment.startWorker(current);
      await environment.rollouts.resume(endpoint, ben);
      await assertPromoted(environment, rollout, ['pause', 'resume']);
      assert.deepEqual(await patchesIn(environment, endpoint), []);
    },
  },
  {
    it: 'next version: patch is recorded -> current version fails tasks, rollout waits for the next version, promoted',
    endpoint: 'marked',
    async run(environment, endpoint) {
      const { rollout, stop } = await bakingOn(current, environment, endpoint);
      await stop();
      const stopNext = await environment.startWorker(next);
      await rollout.until(({ step, phase }) => step.n === 2 && phase === 'baking');
      await stopNext();
      await waitUntilReplayFails(environment, endpoint, current);
      await environment.startWorker(next);
      await resume(environment, endpoint);
      await assertPromoted(environment, rollout, ['pause', 'resume']);
      assert.deepEqual(await patchesIn(environment, endpoint), ['settle-after-bake']);
    },
  },
  {
    it: 'next version: plan has an additional field -> current version ignores the field, promoted',
    endpoint: 'planned-ahead',
    async run(environment, endpoint) {
      const { rollout, stop } = await bakingOn(next, environment, endpoint);
      await stop();
      await environment.startWorker(current);
      await assertPromoted(environment, rollout, []);
    },
  },
  {
    it: 'unpatched change: running rollout -> tasks fail, current version continues, promoted',
    endpoint: 'forgotten',
    async run(environment, endpoint) {
      const { rollout, stop } = await bakingOn(current, environment, endpoint);
      await stop();
      await waitUntilReplayFails(environment, endpoint, unpatched, () =>
        promoteAnother(environment, 'young'),
      );
      await environment.startWorker(current);
      await resume(environment, endpoint);
      await assertPromoted(environment, rollout, ['pause', 'resume']);
    },
  },
];

describe('workers of other versions', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  const results = new Map<Scenario, Promise<PromiseSettledResult<void>[]>>();

  before(async () => {
    next = { bundle: await patchedBundle(), activities: withLongerPause };
    unpatched = { bundle: await unpatchedBundle() };
    for (const scenario of scenarios) {
      const { endpoint } = scenario;
      const run = E2eEnvironment.withOwnEnvironment(endpoint, (environment) =>
        scenario.run(environment, endpoint),
      );
      results.set(scenario, Promise.allSettled([run]));
    }
  });

  for (const scenario of scenarios) {
    it(scenario.it, async () => {
      const [result] = (await results.get(scenario)) ?? [];
      if (result?.status !== 'fulfilled') throw result?.reason;
    });
  }
});

/** Starts a rollout on a worker of this version, and waits for a bake. `stop` ends the worker. */
async function bakingOn(version: Version, environment: E2eEnvironment, endpoint: string) {
  const stop = await environment.startWorker(version);
  await environment.putLive(endpoint);
  const rollout = await environment.start(specOf(endpoint, { strategy: twoSteps }));
  await rollout.phase('baking');
  return { rollout, stop };
}

/** A worker of this version gets a command for the rollout, and fails its workflow task. `meanwhile` runs before it stops. */
async function waitUntilReplayFails(
  environment: E2eEnvironment,
  endpoint: string,
  version: Version,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const stop = await environment.startWorker(version);
  await environment.temporal.workflow.getHandle(`rollout:${endpoint}`).signal('pause', ben);
  await waitForNonDeterminism(environment, endpoint);
  await waitForReport(environment, endpoint);
  await meanwhile();
  await stop();
}

/** The client reports that the workers fail. */
async function waitForReport({ rollouts }: E2eEnvironment, endpoint: string): Promise<void> {
  for (;;) {
    const answer = await rollouts.get(endpoint).catch((error: unknown) => error);
    if (answer instanceof WorkerFailing)
      return assertRunbookEntry(answer.message, 'Workers fail to make progress on churn');
    assert.ok(answer instanceof NoWorker, String(answer));
  }
}

/** Temporal retries a failed workflow task after a backoff. Until then the rollout accepts no command. */
function resume(environment: E2eEnvironment, endpoint: string): Promise<unknown> {
  return retryUntilAnswered(() => environment.rollouts.resume(endpoint, ben, { updateId: 'resume' }));
}

async function promoteAnother(environment: E2eEnvironment, endpoint: string): Promise<void> {
  await environment.putLive(endpoint);
  await (await environment.start(specOf(endpoint))).expectOutcome('promoted');
}

async function assertPromoted(
  environment: E2eEnvironment,
  rollout: RolloutUnderTest,
  commands: string[],
): Promise<void> {
  const ended = await rollout.expectOutcome('promoted');
  assert.deepEqual(ended.shares, shares);
  assert.deepEqual(
    ended.commands.map(({ command, accepted }) => [command, accepted]),
    commands.map((command) => [command, true]),
  );
  assert.equal(environment.effects('UpdateEndpointWeightsAndCapacities', rollout.endpoint), weightChanges);
  await rollout.assertReplaced();
}
