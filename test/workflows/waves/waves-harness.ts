/** Runs waves and their rollouts in one simulation, with fake activities for each endpoint. */
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import {
  SimulatedTemporal,
  type SimulatedHandle,
} from '../../../src/simulation/temporal/simulated-temporal.js';
import {
  workflowIdOf,
  type Command,
  type RolloutResult,
  type RolloutStatus,
} from '../../../src/workflows/messages.js';
import {
  wavesStatusQuery,
  wavesTimelineQuery,
  type WaveRollout,
  type WavesEntry,
  type WavesResult,
  type WavesStatus,
} from '../../../src/workflows/waves/messages.js';
import { untilAnswer } from '../../support/until-answer.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import type { Fleet } from './fleet.js';
import { rolloutResult } from '../../support/rollout-result.js';

export class RunningWaves {
  constructor(
    readonly handle: SimulatedHandle,
    readonly fleet: Fleet,
    /** The spec of the waves. */
    readonly spec: object,
    readonly temporal: SimulatedTemporal,
  ) {}

  status(): Promise<WavesStatus> {
    return this.handle.query(wavesStatusQuery);
  }

  timeline(): Promise<WavesEntry[]> {
    return this.handle.query(wavesTimelineQuery);
  }

  /** Lets time pass until the rollout of the endpoint has that state. */
  async state(short: string, state: WaveRollout['state']): Promise<WavesStatus> {
    const endpoint = this.fleet.endpoint(short);
    const isReached = ({ rollouts }: WavesStatus) =>
      rollouts.some((each) => each.endpoint === endpoint && each.state === state);
    const status = await untilAnswer(this.temporal, () => this.status(), isReached);
    if (status === null) throw new Error(`not reached: ${JSON.stringify(await this.status(), null, 1)}`);
    return status;
  }

  /** Lets time pass until the rollout watches its first bake. */
  async baking(short: string): Promise<void> {
    const { calls } = this.fleet.world(short);
    const isBaking = () => calls.includes('watch bake');
    if ((await untilAnswer(this.temporal, isBaking, (baking) => baking)) === null)
      throw new Error(`${short} did not reach its bake: ${calls.join()}`);
  }

  async resultOf(short: string): Promise<RolloutResult> {
    return rolloutResult(this.rollout(short).result());
  }

  skipTime(time: Duration): Promise<void> {
    return this.temporal.skip(msToNumber(time));
  }

  send(name: string, command: Command): Promise<WavesStatus> {
    return this.handle.executeUpdate(name, { args: [command] });
  }

  /** Sends a command to the endpoint's own workflow. */
  sendTo(short: string, name: string, command: Command): Promise<RolloutStatus> {
    return this.rollout(short).executeUpdate(name, { args: [command] });
  }

  /** Lets time pass until the result is there. */
  async result(): Promise<WavesResult> {
    const isEnded = () => this.temporal.latest(this.handle.workflowId).end !== null;
    if ((await untilAnswer(this.temporal, isEnded, (ended) => ended)) === null)
      throw new Error(`the waves do not end: ${JSON.stringify(await this.status(), null, 1)}`);
    return (await this.handle.result()) as WavesResult;
  }

  /** The endpoint's own workflow. */
  private rollout(short: string): SimulatedHandle {
    return this.temporal.handle(workflowIdOf(this.fleet.endpoint(short)));
  }
}

const shared = {
  apiVersion: 'penstock/v1',
  models: { baseline: 'live', candidate: { model: 'digits-new' } },
  strategy: { canary: { steps: ['10%', '50%'], bake: '30m' } },
};

/** Starts waves of short names in a simulation of their own and passes them to `test`. */
export async function inWaves<T>(
  fleet: Fleet,
  waves: string[][],
  fields: object,
  test: (running: RunningWaves) => Promise<T>,
  bundle = workflowBundle(),
): Promise<T> {
  const named = waves.map((wave) => wave.map((short) => fleet.endpoint(short)));
  const name = `all-${fleet.id}`;
  const spec = { ...shared, name, waves: named, ...fields };
  const { activities } = fleet;
  const temporal = new SimulatedTemporal({
    sandbox: await workflowSandbox(await bundle),
    createActivities: () => activities,
  });
  const handle = temporal.start('rolloutWaves', {
    workflowId: `waves:${name}`,
    memo: { startedBy: 'ana' },
    args: [spec],
  });
  try {
    return await test(new RunningWaves(handle, fleet, spec, temporal));
  } finally {
    await temporal.close();
  }
}
