/** Waves of rollouts: parents and children that signal each other. */
import { FakeActivities } from '../../../workflows/fake-activities.js';
import type { PlayedWorkflow, Scenario, Side } from '../side.js';
import { baking, failing, windowed } from './worlds.js';

const shared = {
  apiVersion: 'penstock/v1',
  models: { baseline: 'live', candidate: { model: 'digits-new' } },
  strategy: { canary: { steps: ['10%', '50%'], bake: '30m' } },
};

function release(side: Side, waves: string[][], fields: object = {}, short = 'all'): Promise<PlayedWorkflow> {
  const named = waves.map((wave) => wave.map((endpoint) => side.id(endpoint)));
  const spec = { ...shared, name: side.id(short), waves: named, ...fields };
  return side.start('rolloutWaves', `waves:${short}`, [spec], { startedBy: 'ana' });
}

function plain(): FakeActivities {
  return new FakeActivities();
}

async function ended(waves: PlayedWorkflow): Promise<void> {
  await waves.result();
  await waves.query('status');
  await waves.query('timeline');
}

function stateOf(side: Side, waves: PlayedWorkflow, endpoint: string, state: string): Promise<void> {
  return waves.untilWaves(({ rollouts }) =>
    rollouts.some((each) => each.endpoint === side.id(endpoint) && each.state === state),
  );
}

export const wavesScenarios: Scenario[] = [
  {
    name: 'waves that are promoted, with a pause between them',
    worlds: { 'rollout:eu': plain, 'rollout:us': plain },
    options: { timerStepMs: 60_000 },
    async play(side) {
      const waves = await release(side, [['eu'], ['us']], { pauseBetween: '1s' });
      await ended(waves);
    },
  },
  {
    name: 'waves whose rollback windows are open at the same time',
    worlds: { 'rollout:eu': windowed, 'rollout:us': windowed },
    async play(side) {
      const waves = await release(side, [['eu'], ['us']]);
      await stateOf(side, waves, 'us', 'rollbackWindow');
      await side.workflow('rollout:eu').command('promote');
      await stateOf(side, waves, 'eu', 'ended');
      await side.workflow('rollout:us').command('promote');
      await ended(waves);
    },
  },
  {
    name: 'a failure stops the waves',
    worlds: { 'rollout:eu': plain, 'rollout:us': failing, 'rollout:ap': plain },
    async play(side) {
      await ended(await release(side, [['eu'], ['us'], ['ap']]));
    },
  },
  {
    name: 'a failure rolls every wave back',
    worlds: { 'rollout:eu': windowed, 'rollout:us': failing },
    async play(side) {
      await ended(await release(side, [['eu'], ['us']], { onFailure: 'rollBack', rollbackWindow: '6d' }));
    },
  },
  {
    name: 'abort of the waves',
    worlds: { 'rollout:eu': windowed, 'rollout:us': baking },
    async play(side) {
      const waves = await release(side, [['eu'], ['us']]);
      await side.called('watch bake', 'rollout:us');
      await stateOf(side, waves, 'us', 'running');
      await waves.command('abort');
      await stateOf(side, waves, 'us', 'ended');
      // A promoted rollout stays, and the waves end with its rollback window.
      await side.workflow('rollout:eu').command('promote');
      await ended(waves);
    },
  },
  {
    name: 'cancellation of the waves by the client',
    worlds: { 'rollout:eu': baking },
    async play(side) {
      const waves = await release(side, [['eu']]);
      await side.called('watch bake', 'rollout:eu');
      await side.rest();
      await waves.cancel();
      await ended(waves);
    },
  },
  {
    name: 'a rollout of the waves is terminated',
    worlds: { 'rollout:eu': baking, 'rollout:us': plain },
    async play(side) {
      const waves = await release(side, [['eu'], ['us']], { stopAfter: 2 });
      await side.called('watch bake', 'rollout:eu');
      await side.rest();
      await side.workflow('rollout:eu').terminate('by an operator');
      await ended(waves);
    },
  },
  {
    name: 'another rollout of an endpoint is running',
    worlds: { 'rollout:eu': baking },
    async play(side) {
      const first = await release(side, [['eu']], {}, 'first');
      await side.called('watch bake', 'rollout:eu');
      await side.rest();
      await ended(await release(side, [['eu']], {}, 'second'));
      await first.command('abort');
      await ended(first);
    },
  },
  {
    name: 'pause and resume of waves',
    worlds: { 'rollout:eu': baking, 'rollout:us': plain },
    async play(side) {
      const waves = await release(side, [['eu'], ['us']]);
      await side.called('watch bake', 'rollout:eu');
      await side.rest();
      await waves.command('resume', {}, 'early');
      await waves.command('pause');
      await side.workflow('rollout:eu').command('promote', { full: true });
      await stateOf(side, waves, 'eu', 'ended');
      await waves.command('resume');
      await ended(waves);
    },
  },
  {
    name: 'waves with an invalid spec',
    async play(side) {
      await ended(await release(side, [['eu']], { guardrails: [{ metric: 'errorRate' }] }));
    },
  },
];
