/** Plays scenarios on the simulation. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { SimulatedClock } from '../../../src/simulation/clock.js';
import { WorkflowSandbox } from '../../../src/simulation/temporal/sdk.js';
import { decode, decodeFailure, encodeAll } from '../../../src/simulation/temporal/payloads.js';
import { SimulatedTemporal } from '../../../src/simulation/temporal/simulated-temporal.js';
import type { UpdateOutcome } from '../../../src/simulation/temporal/run-updates.js';
import { activitiesOf, activityTypes } from './activities.js';
import { conformanceBundle } from './bundle/conformance-bundle.js';
import { valueOf } from './plain.js';
import {
  Side,
  type Calls,
  type Description,
  type History,
  type Scenario,
  type SentUpdate,
  type Update,
} from './side.js';

let sandbox: Promise<WorkflowSandbox> | null = null;

const statuses = {
  running: 'RUNNING',
  completed: 'COMPLETED',
  failed: 'FAILED',
  canceled: 'CANCELLED',
  terminated: 'TERMINATED',
  continuedAsNew: 'CONTINUED_AS_NEW',
};

export class SimulatedSide extends Side {
  protected readonly calls: Calls;
  private readonly temporal: SimulatedTemporal;

  private constructor(scenario: Scenario, number: number, sandbox: WorkflowSandbox) {
    super(scenario, number);
    this.temporal = new SimulatedTemporal({
      sandbox,
      createActivities: () => activitiesOf((workflowId) => this.worlds.get(workflowId)),
      // Proofs of commands have a time.
      clock: new SimulatedClock(Math.floor(Date.now() / 1000) * 1000),
      seed: number,
    });
    this.calls = {
      query: (id, name, args) => this.temporal.handle(id).query(name, ...(args as [])),
      signal: (id, name, args) => this.temporal.handle(id).signal(name, ...(args as [])),
      update: (id, { name, args, id: updateId }) =>
        this.temporal.handle(id).executeUpdate(name, { args, updateId }),
      send: (id, update, until) => this.send(id, update, until),
      cancel: (id) => this.temporal.handle(id).cancel(),
      terminate: (id, reason) => this.temporal.handle(id).terminate(reason),
      result: (id) => this.temporal.handle(id).result(),
    };
  }

  static async open(scenario: Scenario, number: number): Promise<SimulatedSide> {
    sandbox ??= conformanceBundle().then(({ code }) => WorkflowSandbox.load(code, activityTypes));
    return new SimulatedSide(scenario, number, await sandbox);
  }

  get nowMs(): number {
    return this.temporal.clock.nowMs;
  }

  /** Commands take no time, so it is enough that nothing more is due now. */
  async rest(): Promise<void> {
    await this.temporal.settle();
    const begins = () => this.begun.every((id) => this.temporal.latest(id).hasBegun);
    await this.temporal.runUntil(begins, 'all workflows begin');
    await this.temporal.settle();
  }

  async withoutWorker(work: () => Promise<void>, justBefore?: () => Promise<void>): Promise<void> {
    await justBefore?.();
    this.temporal.worker.kill();
    await work();
    this.temporal.worker.start();
    await this.temporal.settle();
  }

  histories(id: string): Promise<History[]> {
    return Promise.resolve(this.temporal.runsOf(id).map(({ history }) => history.toProto()));
  }

  close(): Promise<void> {
    return this.temporal.close();
  }

  protected begin(
    type: string,
    { id, args, memo }: { id: string; args: unknown[]; memo: Record<string, unknown> },
  ): Promise<void> {
    this.temporal.start(type, { workflowId: id, taskQueue: this.taskQueue, args, memo });
    return Promise.resolve();
  }

  protected async pass(): Promise<void> {
    const { clock } = this.temporal;
    await this.temporal.settle();
    const { nextMs } = clock;
    if (nextMs !== null) await this.temporal.skip(nextMs - clock.nowMs);
  }

  protected isKnown(id: string): Promise<boolean> {
    return Promise.resolve(this.temporal.runsOf(id).length > 0);
  }

  protected describe(id: string): Promise<Description> {
    const { end, memo, searchAttributes } = this.temporal.latest(id);
    const valuesOf = (fields: typeof memo) =>
      Object.fromEntries(Object.entries(fields).map(([name, payload]) => [name, valueOf(payload)]));
    return Promise.resolve({
      status: statuses[end?.kind ?? 'running'],
      memo: valuesOf(memo),
      searchAttributes: valuesOf(searchAttributes),
    });
  }

  private send(id: string, { name, args, id: updateId }: Update, until: 'admitted' | 'accepted'): SentUpdate {
    const settled = new Promise<UpdateOutcome>((settle) => {
      this.temporal.latest(id).update(updateId, name, encodeAll(args), settle);
    });
    const answer = settled.then((outcome) => {
      if ('result' in outcome) return decode(outcome.result);
      throw new WorkflowUpdateFailedError('Workflow Update failed', decodeFailure(outcome.failure));
    });
    return { reached: until === 'accepted' ? this.temporal.settle() : Promise.resolve(), answer };
  }
}
