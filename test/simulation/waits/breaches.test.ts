/**
 * Whatever a rollout waits for, its bounds judge every window while users get the candidate. Before, bounds were judged only
 * while a bake ran: a breach that began in any other wait was never noticed.
 */
import assert from 'node:assert/strict';
import { UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import type { SpecJson } from '../../../src/client.js';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import {
  pauseUpdate,
  timelineQuery,
  type RolloutResult,
  type RolloutStatus,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, status, until, workflowId } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const always = 1_000_000;
const ana = { actor: 'ana', reason: 'wait for the report' };

const windowMs = minuteMs;
/** The default: two metric periods. */
const dataDelayMs = 2 * minuteMs;
const pollMs = 30_000;
/** Half of the requests fail and 5 % may: a window fails if the breach is in a tenth of it. */
const neededMs = windowMs / 10;
const noticedWithinMs = windowMs + dataDelayMs + pollMs + neededMs;
/** From the decision to the first users that are back on the baseline. Calls take no time here. */
const rollbackMs = 5_000;

const bound = { metric: 'errorRate', below: '5%', window: '1m', minimumRequests: 100 };

function spec(fields: object = {}): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%', '50%'], bake: '15m' } },
    guardrails: [bound],
    ...fields,
  });
}

interface Wait {
  fields?: object;
  options?: Partial<SimulationOptions>;
  /** Before the rollout starts. */
  prepare?: (simulation: Simulation) => Promise<unknown>;
  /** Brings about the wait. The candidate has 20 % of the requests, and its first bake runs. */
  begin?: (simulation: Simulation) => Promise<unknown>;
  isReached: (now: RolloutStatus) => boolean;
}

const isAtGate = (kind: string) => (now: RolloutStatus) => now.gate?.kind === kind;
const isHeld = (reason: string) => (now: RolloutStatus) => now.hold?.reason === reason;

async function changeWeights({ aws }: Simulation, { variants }: RolloutStatus): Promise<void> {
  const DesiredWeightsAndCapacities = variants.map(({ name: VariantName }, i) => ({
    VariantName,
    DesiredWeight: [70, 30][i],
  }));
  await aws.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: endpoint, DesiredWeightsAndCapacities }),
  );
}

const notYet = { fetch: () => Promise.resolve(Response.json({ answer: 'not yet' })) };
const closed = { before: '50%' };
const noon = '2026-01-01T12:00';

const waits: Record<string, Wait> = {
  'pause in a bake': {
    begin: ({ temporal }) => temporal.handle(workflowId).executeUpdate(pauseUpdate, { args: [ana] }),
    isReached: ({ paused }) => paused,
  },
  'hold for an alarm without data': {
    fields: { guardrails: [bound, { alarm }] },
    prepare: ({ aws }) => putManualAlarm(aws.cloudwatch, alarm, 'OK'),
    begin: ({ aws }) => setAlarmState(aws.cloudwatch, alarm, 'INSUFFICIENT_DATA'),
    isReached: isHeld('unknown'),
  },
  "hold for someone else's weights": {
    begin: async (simulation) => changeWeights(simulation, await status(simulation)),
    isReached: isHeld('drift'),
  },
  'hold for a change that AWS refuses': {
    options: {
      account: {
        faults: [
          {
            operation: 'UpdateEndpointWeightsAndCapacities',
            match: { 'DesiredWeightsAndCapacities.0.DesiredWeight': 50 },
            kind: 'accessDenied',
            count: always,
          },
        ],
      },
    },
    isReached: isHeld('blocked'),
  },
  'manual gate': { fields: { gates: [{ ...closed, manual: true }] }, isReached: isAtGate('manual') },
  'approval gate': {
    fields: { gates: [{ ...closed, approval: { people: 1 } }] },
    isReached: isAtGate('approval'),
  },
  'webhook gate': {
    fields: { gates: [{ ...closed, webhook: { url: 'https://ci.invalid/gate' } }] },
    options: notYet,
    isReached: isAtGate('webhook'),
  },
  'hours gate': {
    fields: { gates: [{ ...closed, hours: { weekly: 'Sat-Sun', zone: 'UTC' } }] },
    isReached: isAtGate('hours'),
  },
  freeze: {
    fields: { freeze: [{ from: '2026-01-01T00:40', to: noon, zone: 'UTC' }] },
    isReached: ({ reason }) => reason.startsWith('frozen: '),
  },
  'proof of a comparison': {
    fields: {
      guardrails: [bound, { metric: 'errorRate', notWorseThanBaselineBy: '10%', requireProof: true }],
    },
    isReached: ({ hold }) => hold !== null,
  },
  'experiment over its maximum time': {
    fields: {
      strategy: { abTest: { split: '50%', for: '1h', atMost: '2h' } },
      goals: [
        {
          metric: 'rejections',
          higherIsBetter: false,
          weekly: false,
          window: '10m',
          source: { namespace: 'AWS/SageMaker', name: 'Invocation4XXErrors', per: 'Invocations' },
        },
      ],
    },
    isReached: isHeld('inconclusive'),
  },
  'rollback window': {
    fields: { rollbackWindow: '12h' },
    isReached: ({ phase }) => phase === 'rollbackWindow',
  },
};

/** Milliseconds from the first failed requests. */
interface Reaction {
  decidedMs: number;
  movedMs: number;
}

async function reactionOf({ temporal, emulator }: Simulation, sinceMs: number): Promise<Reaction> {
  const timeline = await temporal.handle(workflowId).query(timelineQuery);
  const decided = timeline.find((each) => each.kind === 'phase' && each.phase === 'rollingBack');
  const moved = [...emulator.calls].find(
    ({ at, operation, outcome }) =>
      at > sinceMs && operation === 'UpdateEndpointWeightsAndCapacities' && outcome === 'ok',
  );
  return {
    decidedMs: Date.parse(decided?.at ?? '') - sinceMs,
    movedMs: (moved?.at ?? NaN) - sinceMs,
  };
}

describe('breach of a bound', () => {
  for (const [i, [name, wait]] of Object.entries(waits).entries())
    it(`${name}: the candidate begins to fail an hour later -> noticed within a window, its delay and a poll`, async () => {
      const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls: true, ...wait.options });
      const { temporal, emulator } = simulation;
      await wait.prepare?.(simulation);
      simulation.startRollout(spec(wait.fields));
      if (wait.begin) {
        await until(simulation, ({ phase }) => phase === 'baking');
        await wait.begin(simulation);
      }
      await until(simulation, wait.isReached);
      // The breach begins at another place of a window in each wait.
      await temporal.skip(60 * minuteMs + i * 7_000);
      const { nowMs } = temporal.clock;
      await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
      await temporal.skip(noticedWithinMs + 30 * minuteMs);
      const { decidedMs, movedMs } = await reactionOf(simulation, nowMs);
      assert.ok(decidedMs <= noticedWithinMs, `${decidedMs} ms: ${JSON.stringify(await status(simulation))}`);
      assert.ok(movedMs - decidedMs <= rollbackMs, `${movedMs - decidedMs} ms`);
      const result = (await temporal.handle(workflowId).result()) as RolloutResult;
      assert.equal(result.outcome, 'rolledBack', result.reason);
      assert.match(result.reason, /^error rate/);
      await simulation.close();
    });
});
