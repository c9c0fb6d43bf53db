/** Runs the real workflow with fake activities in the simulation. */
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { SimulatedTemporal, type SimulatedHandle } from '../../src/simulation/temporal/simulated-temporal.js';
import {
  type Command,
  type PromoteCommand,
  type RolloutResult,
  type RolloutStatus,
  type TimelineEntry,
} from '../../src/workflows/messages.js';
import { untilAnswer } from '../support/until-answer.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { workflowSandbox } from '../support/workflow-sandbox.js';
import type { FakeActivities } from './fake-activities.js';
import { RolloutUnderTest } from './rollout-under-test.js';
import { rolloutResult } from '../support/rollout-result.js';

export class SimulatedRollout extends RolloutUnderTest {
  constructor(
    override readonly handle: SimulatedHandle,
    readonly temporal: SimulatedTemporal,
    world: FakeActivities,
  ) {
    super(world);
  }

  get nowMs(): number {
    return this.temporal.clock.nowMs;
  }

  /** Run id of the first run. */
  get firstRunId(): string {
    return this.temporal.latest(this.handle.workflowId).options.firstRunId;
  }

  override until(isReached: (status: RolloutStatus) => boolean, what = 'the status'): Promise<RolloutStatus> {
    return this.untilAnswer(() => this.status(), isReached, what);
  }

  /** As `until`, for the timeline. */
  untilTimeline(isReached: (timeline: TimelineEntry[]) => boolean, what: string): Promise<TimelineEntry[]> {
    return this.untilAnswer(() => this.timeline(), isReached, what);
  }

  override skipTime(time: Duration): Promise<void> {
    return this.temporal.skip(msToNumber(time));
  }

  override send(name: string, command: Command | PromoteCommand): Promise<RolloutStatus> {
    return this.handle.executeUpdate<RolloutStatus>(name, { args: [command] });
  }

  override async result(): Promise<RolloutResult> {
    const { workflowId } = this.handle;
    const isEnded = () => this.temporal.latest(workflowId).end !== null;
    await this.untilAnswer(isEnded, (ended) => ended, 'the end');
    return rolloutResult(this.handle.result());
  }

  private async untilAnswer<T>(
    ask: () => T | Promise<T>,
    isReached: (answer: T) => boolean,
    what: string,
  ): Promise<T> {
    const answer = await untilAnswer(this.temporal, ask, isReached);
    if (answer === null) throw new Error(this.describe(what, await this.status()));
    return answer;
  }
}

interface SimulationChange {
  bundle?: ReturnType<typeof workflowBundle>;
  seed?: number;
}

/** Starts a rollout in a simulation of its own and passes it to `test`. */
export async function withRollout<T>(
  world: FakeActivities,
  test: (running: SimulatedRollout) => Promise<T>,
  { bundle = workflowBundle(), seed = 1 }: SimulationChange = {},
): Promise<T> {
  const { activities } = world;
  const temporal = new SimulatedTemporal({
    sandbox: await workflowSandbox(await bundle),
    createActivities: () => activities,
    seed,
  });
  const handle = temporal.start('rollout', {
    workflowId: 'rollout:digits',
    memo: { startedBy: 'ana' },
    args: [{ apiVersion: 'penstock/v1' }],
  });
  try {
    return await test(new SimulatedRollout(handle, temporal, world));
  } finally {
    await temporal.close();
  }
}
