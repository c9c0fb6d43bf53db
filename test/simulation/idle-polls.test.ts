/** Leaving out idle polls changes no decision and no time of a decision. */
import assert from 'node:assert/strict';
import type { Simulation } from '../../src/simulation/simulation.js';
import type { RolloutResult } from '../../src/workflows/messages.js';
import { specOf } from '../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../support/settable-alarm.js';
import { openWithEndpoint } from './simulated-account.js';

const endpoint = 'ranker';
const alarm = 'ranker-errors';
const hourMs = 3_600_000;

const spec = specOf(endpoint, {
  serve: { metricsEvery: '60s' },
  strategy: {
    canary: {
      steps: [
        { share: '10%', bake: '8h' },
        { share: '100%', bake: '1h' },
      ],
    },
  },
  guardrails: [{ metric: 'errorRate', below: '50%', window: '5m' }, { alarm }],
});

interface Played {
  result: RolloutResult;
  polls: number;
}

async function play(leaveOutIdlePolls: boolean, script: (simulation: Simulation) => void): Promise<Played> {
  const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls });
  await putManualAlarm(simulation.aws.cloudwatch, alarm);
  script(simulation);
  const result = (await simulation.startRollout(spec).result()) as RolloutResult;
  await simulation.close();
  return { result, polls: simulation.emulator.calls.count('DescribeAlarms') };
}

async function assertSame(script: (simulation: Simulation) => void): Promise<RolloutResult> {
  const whole = await play(false, script);
  const sparse = await play(true, script);
  assert.deepEqual(toSeconds(sparse.result), toSeconds(whole.result));
  assert.ok(sparse.polls < whole.polls / 5, `${sparse.polls} of ${whole.polls} polls`);
  return whole.result;
}

/** Each poll takes some milliseconds, so fewer polls end a little earlier. */
function toSeconds(result: RolloutResult): RolloutResult {
  return { ...result, endedAt: result.endedAt.slice(0, -5) };
}

describe('idle polls', () => {
  it('idle polls left out: healthy candidate -> the same end, to the second, with a fifth of the polls', async () => {
    const { outcome, reason } = await assertSame(() => undefined);
    assert.equal(outcome, 'promoted', reason);
  });

  it('idle polls left out: alarm in hour 5 -> the same rollback, to the second', async () => {
    const { outcome, reason } = await assertSame(({ temporal, aws }) => {
      const { clock } = temporal;
      clock.at(clock.nowMs + 5.37 * hourMs, () => setAlarmState(aws.cloudwatch, alarm, 'ALARM'));
    });
    assert.equal(outcome, 'rolledBack', reason);
    assert.match(reason, /ranker-errors/);
  });
});
