/** Messages of a rollout at a gate and in a freeze, compared with the runbook. */
import assert from 'node:assert/strict';
import type { Gate } from '../../../src/plan/compiled/gate.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import { until } from '../../client/dev-world.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { ben, describeIfDrawn, Latch, withRollout, rejectionOf } from './fake-rollouts.js';

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

describeIfDrawn('gates', 'gate and freeze messages', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('manual gate: not promoted within its time -> inconclusive', () =>
    withRollout(gated({ id: 'go', kind: 'manual', withinSeconds: 3 }), 'gate-manual', async (rollouts) => {
      const { waitingFor } = await until(rollouts, 'gate-manual', atGate);
      assertRunbookEntry(waitingFor?.what, 'gate X: waits for promote');
      const { outcome, reason } = await rollouts.wait('gate-manual');
      assertRunbookEntry(outcome, 'inconclusive');
      assertRunbookEntry(reason, 'gate X did not open within ...');
    }));

  it('approval gate: promote, the starter and a second approval by one person -> rejected', async () => {
    const gate: Gate = {
      id: 'two',
      kind: 'approval',
      people: 2,
      allowStarter: false,
      verified: false,
      withinSeconds: null,
    };
    await withRollout(gated(gate), 'gate-approval', async (rollouts) => {
      const { waitingFor } = await until(rollouts, 'gate-approval', atGate);
      assertRunbookEntry(waitingFor?.what, 'gate X: waits for the approval of 2 ...');
      assertRunbookEntry(
        await rejectionOf(rollouts.promote('gate-approval', ben)),
        'gate X waits for approvals, not for promote',
      );
      assertRunbookEntry(
        await rejectionOf(rollouts.approve('gate-approval', { ...ben, actor: 'ana' })),
        'X started the rollout and cannot approve it',
      );
      await rollouts.approve('gate-approval', ben);
      assertRunbookEntry(
        await rejectionOf(rollouts.approve('gate-approval', ben)),
        'X has already approved; each person counts once',
      );
      await rollouts.approve('gate-approval', { ...ben, actor: 'cem' });
      assert.equal((await rollouts.wait('gate-approval')).outcome, 'promoted');
    });
  });

  it('webhook gate: promote -> rejected, and a no -> failed', async () => {
    const asked = new Latch();
    const gate: Gate = {
      id: 'ci',
      kind: 'webhook',
      address: { url: 'https://ci.example.com' },
      secretEnv: null,
      everySeconds: 60,
      withinSeconds: null,
    };
    await withRollout(
      gated(gate),
      'gate-webhook',
      async (rollouts) => {
        const { waitingFor } = await until(rollouts, 'gate-webhook', atGate);
        assertRunbookEntry(waitingFor?.what, 'gate X: waits for a yes from its webhook');
        assertRunbookEntry(
          await rejectionOf(rollouts.promote('gate-webhook', ben)),
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

  it('hours gate: promote -> opens', async () => {
    const world = gated({ id: 'day', kind: 'hours', open: [], withinSeconds: null });
    world.calendar.push(closed, closed);
    await withRollout(world, 'gate-hours', async (rollouts) => {
      const { waitingFor } = await until(rollouts, 'gate-hours', atGate);
      assertRunbookEntry(waitingFor?.what, 'gate X: waits for its opening hours');
      await rollouts.promote('gate-hours', ben);
      assert.equal((await rollouts.wait('gate-hours')).outcome, 'promoted');
    });
  });

  it('freeze: abort -> aborted', async () => {
    const world = new FakeActivities({
      freeze: [{ zone: 'UTC', kind: 'once', from: '2026-01-01T00:00', to: '2026-01-02T00:00' }],
    });
    world.calendar.push({ holds: true, until: later, message: 'the year ends' });
    await withRollout(world, 'gate-frozen', async (rollouts) => {
      const { reason } = await until(rollouts, 'gate-frozen', atGate);
      assertRunbookEntry(reason, 'frozen: ...');
      await rollouts.abort('gate-frozen', ben);
      assert.equal((await rollouts.wait('gate-frozen')).outcome, 'aborted');
    });
  });
});
