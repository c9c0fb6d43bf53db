/** A rollout with fake activities, as tests command and observe it: in the simulation or on a server. */
import type { WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import type { Phase } from '../../src/plan/outcome.js';
import {
  statusQuery,
  timelineQuery,
  type Command,
  type PromoteCommand,
  type RolloutResult,
  type RolloutStatus,
  type TimelineEntry,
} from '../../src/workflows/messages.js';
import type { FakeActivities } from './fake-activities.js';

/** The calls of the SDK's handle that the simulation has too. */
export type RolloutHandle = Pick<
  WorkflowHandle,
  'workflowId' | 'query' | 'signal' | 'executeUpdate' | 'fetchHistory'
> & { cancel(): Promise<unknown>; terminate(reason?: string): Promise<unknown> };

export abstract class RolloutUnderTest {
  abstract readonly handle: RolloutHandle;

  constructor(readonly world: FakeActivities) {}

  status(): Promise<RolloutStatus> {
    return this.handle.query(statusQuery);
  }

  timeline(): Promise<TimelineEntry[]> {
    return this.handle.query(timelineQuery);
  }

  /** Lets time pass until then. `what`: for the error if it is never reached. */
  abstract until(isReached: (status: RolloutStatus) => boolean, what?: string): Promise<RolloutStatus>;

  phase(phase: Phase): Promise<RolloutStatus> {
    return this.until((status) => status.phase === phase, `phase ${phase}`);
  }

  /** Lets time pass until the activity is called. */
  async waitForCall(call: string): Promise<void> {
    await this.until(() => this.world.calls.includes(call), `a call of ${call}`);
  }

  abstract skipTime(time: Duration): Promise<void>;

  abstract send(name: string, command: Command | PromoteCommand): Promise<RolloutStatus>;

  /** Lets time pass until the result is there. */
  abstract result(): Promise<RolloutResult>;

  /** Text for the error of a wait that has no end. */
  protected describe(what: string, status: RolloutStatus): string {
    return `never reached: ${what}; calls: ${this.world.calls.join(', ')}; ${JSON.stringify(status, null, 1)}`;
  }
}
