import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { specOf, twoSteps } from '../specs.js';
import { withUsers, type Answered } from '../users.js';

export const stickyUsers: Group = {
  about: 'users who come through the switch',
  scenarios: [
    {
      it: 'go over to the candidate once and for all, on one endpoint, and none of them meets an error',
      async play(stage) {
        await stage.putLive('loyal');
        const answered = await withUsers(stage, 'loyal', async () => {
          const rollout = await stage.start(specOf('loyal', { strategy: twoSteps }));
          await rollout.expectOutcome('promoted');
        });
        assertMovedOnce(answered);
      },
    },
    {
      it: 'go over once and for all between two endpoints, and none of them meets an error',
      async play(stage) {
        await stage.putLive('moving');
        const serve = { metricsEvery: '10s', topology: 'endpoints' };
        const answered = await withUsers(stage, 'moving', async () => {
          const rollout = await stage.start(specOf('moving', { strategy: twoSteps, serve, guardrails: [] }));
          await rollout.expectOutcome('promoted');
        });
        assertMovedOnce(answered);
      },
    },
    {
      it: 'all come back to the baseline when the rollout does',
      async play(stage) {
        await stage.putLive('homing');
        const answered = await withUsers(stage, 'homing', async ({ journeys }) => {
          const strategy = { canary: { steps: ['50%'], bake: '10m' } };
          const rollout = await stage.start(specOf('homing', { strategy }));
          const some = () => [...journeys.values()].some(({ length }) => length === 2);
          await rollout.until(some);
          await stage.rollouts.abort('homing', { actor: 'ben', reason: 'enough seen' });
          await rollout.expectOutcome('aborted');
        });
        assert.deepEqual(answered.failures, []);
        const journeys = [...answered.journeys.values()];
        assert.ok(
          journeys.some(({ length }) => length === 3),
          'nobody met the candidate',
        );
        for (const journey of journeys) {
          assert.ok(journey.length === 1 || journey.length === 3, journey.join(' -> '));
          assert.equal(journey.at(-1), 'AllTraffic');
        }
      },
    },
  ],
};

/** From AllTraffic to the candidate's variant, never back; everybody in the end. */
function assertMovedOnce({ journeys, failures, requests }: Answered): void {
  assert.deepEqual(failures, []);
  assert.ok(requests > 500, `${requests} requests`);
  for (const [user, journey] of journeys) {
    assert.equal(journey.length, 2, `${user}: ${journey.join(' -> ')}`);
    assert.equal(journey[0], 'AllTraffic');
  }
}
