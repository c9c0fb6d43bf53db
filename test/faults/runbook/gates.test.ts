/** What a rollout says at a gate and in a freeze: as the runbook has it. */
import assert from 'node:assert/strict';
import type { Gate } from '../../../src/plan/compiled/gate.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import { until } from '../../client/dev-world.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { ben, describeWhere, Door, inWorld, refusalOf } from './fake-rollouts.js';

function gated(gate: Gate, change: Partial<Plan> = {}): FakeActivities {
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'gate', stage: 1, gate },
    { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
  ];
  return new FakeActivities({ steps, ...change });
}

const atGate = ({ phase }: { phase: string }) => phase === 'gated';
const later = new Date(Date.now() + 86_400_000).toISOString();
const closed = { holds: false, until: later, message: 'closed until tomorrow' };

describeWhere('gates', 'a rollout that waits on purpose says as the runbook has it', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('at a manual gate, also when its time is over', () =>
    inWorld(gated({ id: 'go', kind: 'manual', withinSeconds: 3 }), 'gate-manual', async (rollouts) => {
      const { waitingFor } = await until(rollouts, 'gate-manual', atGate);
      assertRunbookEntry(waitingFor?.what, 'gate X: waits for promote');
      const { outcome, reason } = await rollouts.wait('gate-manual');
      assertRunbookEntry(outcome, 'inconclusive');
      assertRunbookEntry(reason, 'gate X did not open within ...');
    }));

  it('at a gate of approvals', async () => {
    const gate: Gate = {
      id: 'two',
      kind: 'approval',
      people: 2,
      allowStarter: false,
      verified: false,
      withinSeconds: null,
    };
    await inWorld(gated(gate), 'gate-approval', async (rollouts) => {
      const { waitingFor } = await until(rollouts, 'gate-approval', atGate);
      assertRunbookEntry(waitingFor?.what, 'gate X: waits for the approval of 2 ...');
      assertRunbookEntry(
        await refusalOf(rollouts.promote('gate-approval', ben)),
        'gate X waits for approvals, not for promote',
      );
      assertRunbookEntry(
        await refusalOf(rollouts.approve('gate-approval', { ...ben, actor: 'ana' })),
        'X started the rollout, and may not approve it',
      );
      await rollouts.approve('gate-approval', ben);
      assertRunbookEntry(
        await refusalOf(rollouts.approve('gate-approval', ben)),
        'X has approved already; a person counts once',
      );
      await rollouts.approve('gate-approval', { ...ben, actor: 'cem' });
      assert.equal((await rollouts.wait('gate-approval')).outcome, 'promoted');
    });
  });

  it('at a webhook, and when that says no', async () => {
    const asked = new Door();
    const gate: Gate = {
      id: 'ci',
      kind: 'webhook',
      address: { url: 'https://ci.example.com' },
      secretEnv: null,
      everySeconds: 60,
      withinSeconds: null,
    };
    await inWorld(
      gated(gate),
      'gate-webhook',
      async (rollouts) => {
        const { waitingFor } = await until(rollouts, 'gate-webhook', atGate);
        assertRunbookEntry(waitingFor?.what, 'gate X: waits for its webhook to say yes');
        assertRunbookEntry(
          await refusalOf(rollouts.promote('gate-webhook', ben)),
          'gate X waits for its webhook, not for promote',
        );
        asked.open();
        const { outcome, reason } = await rollouts.wait('gate-webhook');
        assertRunbookEntry(outcome, 'failed');
        assertRunbookEntry(reason, 'gate X said no: ...');
      },
      {
        pollGateWebhook: async () => {
          await asked.pass();
          return { answer: 'no', message: 'tests are red' };
        },
      },
    );
  });

  it('at hours that a promote opens', async () => {
    const world = gated({ id: 'day', kind: 'hours', open: [], withinSeconds: null });
    world.calendar.push(closed, closed);
    await inWorld(world, 'gate-hours', async (rollouts) => {
      const { waitingFor } = await until(rollouts, 'gate-hours', atGate);
      assertRunbookEntry(waitingFor?.what, 'gate X: waits for its hours');
      await rollouts.promote('gate-hours', ben);
      assert.equal((await rollouts.wait('gate-hours')).outcome, 'promoted');
    });
  });

  it('in a freeze', async () => {
    const world = new FakeActivities({
      freeze: [{ zone: 'UTC', kind: 'once', from: '2026-01-01T00:00', to: '2026-01-02T00:00' }],
    });
    world.calendar.push({ holds: true, until: later, message: 'the year ends' });
    await inWorld(world, 'gate-frozen', async (rollouts) => {
      const { reason } = await until(rollouts, 'gate-frozen', atGate);
      assertRunbookEntry(reason, 'frozen: ...');
      await rollouts.abort('gate-frozen', ben);
      assert.equal((await rollouts.wait('gate-frozen')).outcome, 'aborted');
    });
  });
});
