/** Gates of each kind, freezes and notifications. */
import type { CalendarAnswer } from '../../../../src/activities/interface/results.js';
import type { CalendarRule, Gate } from '../../../../src/plan/compiled/gate.js';
import type { Plan } from '../../../../src/plan/compiled/plan.js';
import { FakeActivities } from '../../../workflows/fake-activities.js';
import type { Scenario, Side } from '../side.js';

type GateOf<K extends Gate['kind']> = Extract<Gate, { kind: K }>;

const manual: GateOf<'manual'> = { id: 'go', kind: 'manual', withinSeconds: null };
const hours: GateOf<'hours'> = { id: 'office', kind: 'hours', withinSeconds: null, open: [] };
const webhook: GateOf<'webhook'> = {
  ...{ id: 'ci', kind: 'webhook', withinSeconds: null, secretEnv: null, everySeconds: 60 },
  address: { env: 'CI' },
};

/** The gate is between the deployment and the first traffic, or after ten per cent of it. */
function gated(gate: Gate, hasTraffic = false, change: Partial<Plan> = {}): FakeActivities {
  const deploy = { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } } as const;
  const first = { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } } as const;
  const all = { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } } as const;
  const waits = { kind: 'gate', stage: hasTraffic ? 2 : 1, gate } as const;
  const steps = hasTraffic ? [deploy, first, waits, all] : [deploy, waits, first, all];
  const world = new FakeActivities({ steps, ...change });
  world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
  return world;
}

/**
 * The webhook answers at its second poll. Until then, the first poll of the watch has ended on the real server too,
 * which plays both at the same time.
 */
function afterAPoll(world: FakeActivities): FakeActivities {
  world.gatePolls = 1;
  return world;
}

async function reported(side: Side, work: (rollout: Awaited<ReturnType<Side['rollout']>>) => Promise<void>) {
  const rollout = await side.rollout();
  await work(rollout);
  await rollout.result();
  await rollout.query('timeline');
}

const weekend: CalendarRule = {
  zone: 'Europe/Berlin',
  kind: 'weekly',
  days: [5],
  from: '16:00',
  to: '08:00',
};
/** The calendar's answer. Its end is that many milliseconds after the question. */
function endingAfter(side: Side, ms: number, answer: { holds: boolean; message: string }): CalendarAnswer {
  return {
    ...answer,
    get until() {
      return new Date(side.nowMs + ms).toISOString();
    },
  };
}

/** The end of a wait is a moment, so its length depends on when it began. */
const untilAMoment = { timerStepMs: 10_000, hasAttempts: false };

export const gateScenarios: Scenario[] = [
  {
    name: 'manual gate before any traffic',
    worlds: { 'rollout:digits': () => gated(manual) },
    play: (side) =>
      reported(side, async (rollout) => {
        await rollout.phase('gated');
        await rollout.query('status');
        await rollout.command('promote');
      }),
  },
  {
    name: 'manual gate with traffic, during a pause',
    worlds: { 'rollout:digits': () => gated(manual, true) },
    play: (side) =>
      reported(side, async (rollout) => {
        await rollout.until(({ gate }) => gate !== null);
        await rollout.command('pause');
        await side.rest();
        await rollout.command('promote', {}, 'paused');
        await rollout.command('resume');
        await side.rest();
        await rollout.command('promote');
      }),
  },
  {
    name: 'manual gate that does not open in time',
    worlds: { 'rollout:digits': () => gated({ ...manual, withinSeconds: 1 }) },
    play: (side) => reported(side, () => Promise.resolve()),
  },
  {
    name: 'manual gate skipped by promote full',
    worlds: { 'rollout:digits': () => gated(manual, true) },
    play: (side) =>
      reported(side, async (rollout) => {
        await rollout.until(({ gate }) => gate !== null);
        await rollout.command('promote', { full: true });
      }),
  },
  {
    name: 'webhook that says yes',
    worlds: { 'rollout:digits': () => afterAPoll(gated(webhook)) },
    options: { isParallel: true },
    play: (side) => reported(side, () => Promise.resolve()),
  },
  {
    name: 'webhook that says no, with traffic',
    worlds: {
      'rollout:digits': () => {
        const world = gated(webhook, true);
        world.gateAnswer = { answer: 'no', message: 'tests are red' };
        return afterAPoll(world);
      },
    },
    options: { isParallel: true },
    play: (side) => reported(side, () => Promise.resolve()),
  },
  {
    name: 'abort while a webhook is polled',
    worlds: {
      'rollout:digits': () => {
        const world = gated(webhook, true);
        world.inProgress.add('pollGateWebhook');
        return world;
      },
    },
    play: (side) =>
      reported(side, async (rollout) => {
        await side.called('pollGateWebhook');
        await rollout.until(({ gate }) => gate !== null);
        await rollout.command('abort');
      }),
  },
  {
    name: 'gate for hours, opened by promote',
    worlds: { 'rollout:digits': () => gated(hours) },
    play: (side) =>
      reported(side, async (rollout) => {
        await rollout.until(({ gate }) => gate !== null);
        await rollout.command('promote');
      }),
  },
  {
    name: 'gate for hours, opened by the time',
    worlds: { 'rollout:digits': () => gated(hours) },
    options: untilAMoment,
    play(side) {
      side.world().calendar.push(endingAfter(side, 4_000, { holds: false, message: 'closed' }), {
        holds: true,
        until: null,
        message: 'open',
      });
      return reported(side, () => Promise.resolve());
    },
  },
  {
    name: 'freeze before the deployment',
    worlds: { 'rollout:digits': () => gated(manual, false, { freeze: [weekend] }) },
    options: untilAMoment,
    play(side) {
      side.world().calendar.push(endingAfter(side, 4_000, { holds: true, message: 'the weekend' }));
      return reported(side, async (rollout) => {
        await rollout.until(({ gate }) => gate !== null);
        await rollout.command('promote');
      });
    },
  },
  {
    name: 'freeze with traffic',
    worlds: {
      'rollout:digits': () => {
        const world = gated(manual, true, { freeze: [weekend] });
        world.reports.splice(0);
        world.reports.push(({ mode, roundEnds }, now) => {
          // The freeze ends soon, the gate does not.
          world.pollInterval = Date.parse(roundEnds) - now > 60_000 ? '10m' : '500ms';
          return mode !== 'guard' || now >= Date.parse(roundEnds) ? {} : 'watching';
        });
        return world;
      },
    },
    options: untilAMoment,
    play(side) {
      const free = { holds: false, until: null, message: 'no freeze' };
      // Before the training, the models, the deployment and the first traffic.
      side
        .world()
        .calendar.push(
          ...Array.from({ length: 6 }, () => free),
          endingAfter(side, 4_000, { holds: true, message: 'the weekend' }),
        );
      return reported(side, async (rollout) => {
        await side.called('watch guard');
        await rollout.until(({ gate }) => gate !== null);
        await rollout.command('promote', { full: true });
      });
    },
  },
  {
    name: 'notifications of every event',
    worlds: {
      'rollout:digits': () =>
        gated(manual, false, {
          notify: [
            { kind: 'sns', topicArn: 'arn', notificationEvents: ['started', 'gate', 'promoted', 'ended'] },
            { kind: 'slack', address: { env: 'SLACK' }, notificationEvents: ['gate', 'ended'] },
          ],
        }),
    },
    options: { isParallel: true },
    play: (side) =>
      reported(side, async (rollout) => {
        await rollout.phase('gated');
        await rollout.command('promote');
      }),
  },
];
