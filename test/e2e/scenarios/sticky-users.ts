import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { specOf, twoSteps } from '../specs.js';
import { withUsers, type Answered } from '../users.js';

/** A journey tells the models apart by the names of their variants. */
const ownName = { metricsEvery: '10s', variantNames: 'perRollout' };

export const stickyUsers: Group = {
  about: 'users behind the switch',
  scenarios: [
    {
      it: 'switch, one endpoint: rollout is promoted -> each user moves to the candidate once, without errors',
      async run(environment) {
        await environment.putLive('loyal');
        const answered = await withUsers(environment, 'loyal', async () => {
          const rollout = await environment.start(specOf('loyal', { strategy: twoSteps, serve: ownName }));
          await rollout.expectOutcome('promoted');
        });
        assertMovedOnce(answered);
      },
    },
    {
      it: 'switch, two endpoints: rollout is promoted -> each user moves to the candidate once, without errors',
      async run(environment) {
        await environment.putLive('moving');
        const serve = { ...ownName, topology: 'endpoints' };
        const answered = await withUsers(environment, 'moving', async () => {
          const rollout = await environment.start(
            specOf('moving', { strategy: twoSteps, serve, guardrails: [] }),
          );
          await rollout.expectOutcome('promoted');
        });
        assertMovedOnce(answered);
      },
    },
    {
      it: 'switch: rollout is aborted -> all users return to the baseline',
      async run(environment) {
        await environment.putLive('homing');
        const answered = await withUsers(environment, 'homing', async ({ journeys }) => {
          const strategy = { canary: { steps: ['50%', { share: '100%', bake: '10s' }], bake: '10m' } };
          const rollout = await environment.start(specOf('homing', { strategy }));
          const some = () => [...journeys.values()].some(({ length }) => length === 2);
          await rollout.until(some);
          await environment.rollouts.abort('homing', { actor: 'ben', reason: 'enough seen' });
          await rollout.expectOutcome('aborted');
        });
        assert.deepEqual(answered.failures, []);
        const journeys = [...answered.journeys.values()];
        assert.ok(
          journeys.some(({ length }) => length === 3),
          'no user got the candidate',
        );
        for (const journey of journeys) {
          assert.ok(journey.length === 1 || journey.length === 3, journey.join(' -> '));
          assert.equal(journey.at(-1), 'AllTraffic');
        }
      },
    },
  ],
};

/** Every user has moved from AllTraffic to the candidate's variant, once and not back. */
function assertMovedOnce({ journeys, failures }: Answered): void {
  assert.deepEqual(failures, []);
  for (const [user, journey] of journeys) {
    assert.equal(journey.length, 2, `${user}: ${journey.join(' -> ')}`);
    assert.equal(journey[0], 'AllTraffic');
  }
}
