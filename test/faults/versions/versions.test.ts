import assert from 'node:assert/strict';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { NoWorker, WorkerFailing } from '../../../src/client.js';
import type { Running } from '../../e2e/rollout-under-test.js';
import { specOf, twoSteps } from '../../e2e/specs.js';
import { E2eEnvironment, type Version } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { insist } from '../server/moments.js';
import { carelessBundle, patchedBundle } from './bundles.js';
import { patchesIn, untilTaskFails } from './tasks.js';

const ben = { actor: 'ben', reason: 'a test' };
const shares = [0, 25, 50, 100];
/** Three shares, and a second instance before the last. */
const weightChanges = 4;

const present: Version = {};
let next: Version;
let careless: Version;

/** The plan of the next version has a field more. */
function withLongerPause(usual: RolloutActivities): Partial<RolloutActivities> {
  return {
    compileRollout: async (request) => ({ ...(await usual.compileRollout(request)), settleMs: 1_000 }),
  };
}

interface Scenario {
  it: string;
  endpoint: string;
  play(stage: E2eEnvironment, endpoint: string): Promise<void>;
}

const scenarios: Scenario[] = [
  {
    it: 'may take over in the middle of a bake, and give it back while nothing new is recorded',
    endpoint: 'there-and-back',
    async play(stage, endpoint) {
      const { rollout, stop } = await bakingOn(present, stage, endpoint);
      await stop();
      const stopNext = await stage.startWorker(next);
      // Until it is resumed, the bake does not end, and what is new does not begin.
      await stage.rollouts.pause(endpoint, ben);
      await rollout.until(({ verdicts }) => verdicts.some(({ result }) => result === 'pass'));
      await stopNext();
      await stage.startWorker(present);
      await stage.rollouts.resume(endpoint, ben);
      await assertPromoted(stage, rollout, ['pause', 'resume']);
      assert.deepEqual(await patchesIn(stage, endpoint), []);
    },
  },
  {
    it: 'is waited for where the former one meets what is new; nothing is lost meanwhile',
    endpoint: 'marked',
    async play(stage, endpoint) {
      const { rollout, stop } = await bakingOn(present, stage, endpoint);
      await stop();
      const stopNext = await stage.startWorker(next);
      await rollout.until(({ step, phase }) => step.n === 2 && phase === 'baking');
      await stopNext();
      await untilItCannotGoOn(stage, endpoint, present);
      await stage.startWorker(next);
      await resume(stage, endpoint);
      await assertPromoted(stage, rollout, ['pause', 'resume']);
      assert.deepEqual(await patchesIn(stage, endpoint), ['settle-after-bake']);
    },
  },
  {
    it: 'may have a plan with a field more, which the former one carries out without it',
    endpoint: 'planned-ahead',
    async play(stage, endpoint) {
      const { rollout, stop } = await bakingOn(next, stage, endpoint);
      await stop();
      await stage.startWorker(present);
      await assertPromoted(stage, rollout, []);
    },
  },
  {
    it: 'with a change that is not patched goes on with nothing that is under way, and the former one does',
    endpoint: 'forgotten',
    async play(stage, endpoint) {
      const { rollout, stop } = await bakingOn(present, stage, endpoint);
      await stop();
      await untilItCannotGoOn(stage, endpoint, careless, () => promoteAnother(stage, 'young'));
      await stage.startWorker(present);
      await resume(stage, endpoint);
      await assertPromoted(stage, rollout, ['pause', 'resume']);
    },
  },
];

describe('a worker of the next version', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  const playing = new Map<Scenario, Promise<PromiseSettledResult<void>[]>>();

  before(async () => {
    next = { bundle: await patchedBundle(), activities: withLongerPause };
    careless = { bundle: await carelessBundle() };
    for (const scenario of scenarios) {
      const { endpoint } = scenario;
      const played = E2eEnvironment.withOwnEnvironment(endpoint, (stage) => scenario.play(stage, endpoint));
      playing.set(scenario, Promise.allSettled([played]));
    }
  });

  for (const scenario of scenarios) {
    it(scenario.it, async () => {
      const [end] = (await playing.get(scenario)) ?? [];
      if (end?.status !== 'fulfilled') throw end?.reason;
    });
  }
});

/** `stop` ends the worker of that version. */
async function bakingOn(version: Version, stage: E2eEnvironment, endpoint: string) {
  const stop = await stage.startWorker(version);
  await stage.putLive(endpoint);
  const rollout = await stage.start(specOf(endpoint, { strategy: twoSteps }));
  await rollout.phase('baking');
  return { rollout, stop };
}

/** A worker of this version gets a command for the rollout, and `meanwhile` happens before it stops. */
async function untilItCannotGoOn(
  stage: E2eEnvironment,
  endpoint: string,
  version: Version,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const stop = await stage.startWorker(version);
  await stage.temporal.workflow.getHandle(`rollout:${endpoint}`).signal('pause', ben);
  await untilTaskFails(stage, endpoint);
  await untilSaid(stage, endpoint);
  await meanwhile();
  await stop();
}

/** Whoever asks is told what is the matter. */
async function untilSaid({ rollouts }: E2eEnvironment, endpoint: string): Promise<void> {
  for (;;) {
    const answer = await rollouts.get(endpoint).catch((error: unknown) => error);
    if (answer instanceof WorkerFailing)
      return assertRunbookEntry(answer.message, 'The workers cannot go on with churn');
    assert.ok(answer instanceof NoWorker, String(answer));
  }
}

/** A task that has failed is tried again after a while, and until then no command is taken. */
function resume(stage: E2eEnvironment, endpoint: string): Promise<unknown> {
  return insist(() => stage.rollouts.resume(endpoint, ben, { updateId: 'go-on' }));
}

async function promoteAnother(stage: E2eEnvironment, endpoint: string): Promise<void> {
  await stage.putLive(endpoint);
  await (await stage.start(specOf(endpoint))).expectOutcome('promoted');
}

async function assertPromoted(stage: E2eEnvironment, rollout: Running, commands: string[]): Promise<void> {
  const ended = await rollout.expectOutcome('promoted');
  assert.deepEqual(ended.shares, shares);
  assert.deepEqual(
    ended.commands.map(({ command, accepted }) => [command, accepted]),
    commands.map((command) => [command, true]),
  );
  assert.equal(stage.effects('UpdateEndpointWeightsAndCapacities', rollout.endpoint), weightChanges);
  await rollout.assertReplaced();
}
