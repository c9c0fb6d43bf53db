/** Runs the real workflow with fake activities in a simulation: the same interface as on the time-skipping server. */
import type { WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { WorkflowSandbox } from '../../src/simulation/temporal/sdk.js';
import { SimulatedTemporal, type SimulatedHandle } from '../../src/simulation/temporal/simulated-temporal.js';
import type { Command, PromoteCommand, RolloutStatus } from '../../src/workflows/messages.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import type { FakeActivities } from '../workflows/fake-activities.js';
import { RolloutUnderTest } from '../workflows/harness.js';

export class SimulatedRollout extends RolloutUnderTest {
  constructor(
    private readonly simulated: SimulatedHandle,
    readonly temporal: SimulatedTemporal,
    world: FakeActivities,
  ) {
    // It has the calls that tests use, and no connection to a server.
    super(simulated as unknown as WorkflowHandle, world);
  }

  protected override async waitForServer({ phase }: RolloutStatus): Promise<void> {
    await this.skipTime(phase === 'deploying' && !this.world.inProgress.has('deploy') ? '5s' : 25);
  }

  override skipTime(time: Duration): Promise<void> {
    return this.temporal.skip(msToNumber(time));
  }

  override send(name: string, command: Command | PromoteCommand): Promise<RolloutStatus> {
    return this.simulated.executeUpdate<RolloutStatus>(name, { args: [command] });
  }
}

let sandbox: Promise<WorkflowSandbox> | null = null;

/** Starts a rollout in a simulation of its own and passes it to `test`. */
export async function withSimulatedRollout<T>(
  world: FakeActivities,
  test: (running: SimulatedRollout) => Promise<T>,
  seed = 1,
): Promise<T> {
  const { activities } = world;
  sandbox ??= workflowBundle().then(({ code }) => WorkflowSandbox.load(code, Object.keys(activities)));
  const temporal = new SimulatedTemporal({ sandbox: await sandbox, activities, seed });
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
