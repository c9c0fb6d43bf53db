/** Plays scenarios on the real Temporal dev server. */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowUpdateStage, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { Worker } from '@temporalio/worker';
import { devServer, type DevServer } from '../../support/dev-server.js';
import { closeAtTheEnd } from '../../support/root-hooks.js';
import type { FakeActivities } from '../../workflows/fake-activities.js';
import { AbsentWorker, type RunningWorker } from './absent-worker.js';
import { activitiesOf } from './activities.js';
import { conformanceBundle } from './bundle/conformance-bundle.js';
import { valueOf } from './plain.js';
import { scenarios } from './scenarios/all.js';
import {
  absentQueue,
  sharedQueue,
  Side,
  type Calls,
  type Description,
  type History,
  type Scenario,
  type SentUpdate,
  type Update,
} from './side.js';

const { PendingActivityState } = proto.temporal.api.enums.v1;
const { UpdateWorkflowExecutionLifecycleStage } = proto.temporal.api.enums.v1;

/** Time that a scenario has for its next command, while nothing happens. */
const restMs = 5_000;
const pollMs = 100;

const worlds = new Map<string, FakeActivities>();
let sharedWorker: Promise<RunningWorker> | null = null;
let absentWorker: AbsentWorker | null = null;

/** `isCached`: workflows stay in memory. Without it, tasks wait in the normal queue while no worker runs. */
async function startWorker(taskQueue: string, isCached: boolean): Promise<RunningWorker> {
  const { native } = await devServer();
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await conformanceBundle(),
    activities: activitiesOf((workflowId) => worlds.get(workflowId)),
    maxCachedWorkflows: isCached ? 500 : 0,
    // The server shows a heartbeat to the next attempt, and a cancellation to the running one.
    maxHeartbeatThrottleInterval: '50ms',
    defaultHeartbeatThrottleInterval: '50ms',
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
    },
  };
}

async function useSharedWorker(): Promise<void> {
  sharedWorker ??= startWorker(sharedQueue, true).then((worker) => {
    closeAtTheEnd(() => worker.stop());
    return worker;
  });
  await sharedWorker;
}

function useAbsentWorker(): AbsentWorker {
  if (absentWorker) return absentWorker;
  const count = scenarios.filter(({ losesWorker }) => losesWorker).length;
  const worker = new AbsentWorker(count, () => startWorker(absentQueue, false));
  closeAtTheEnd(() => worker.stop());
  return (absentWorker = worker);
}

export class ServerSide extends Side {
  protected readonly calls: Calls;
  private absence: AbsentWorker | null = null;

  private constructor(
    scenario: Scenario,
    number: number,
    private readonly server: DevServer,
  ) {
    super(scenario, number);
    for (const [id, world] of this.worlds) worlds.set(id, world);
    this.calls = {
      query: (id, name, args) => this.handle(id).query(name, ...args),
      signal: (id, name, args) => this.handle(id).signal(name, ...args),
      update: (id, { name, args, id: updateId }) =>
        this.handle(id).executeUpdate(name, { args: args as [unknown], updateId }),
      send: (id, update, until) => this.send(id, update, until),
      cancel: async (id) => void (await this.handle(id).cancel()),
      terminate: async (id, reason) => void (await this.handle(id).terminate(reason)),
      result: (id) => this.handle(id).result(),
    };
  }

  static async open(scenario: Scenario, number: number): Promise<ServerSide> {
    const side = new ServerSide(scenario, number, await devServer());
    if (!scenario.losesWorker) await useSharedWorker();
    else await (side.absence = useAbsentWorker()).ready();
    return side;
  }

  get nowMs(): number {
    return Date.now();
  }

  async rest(running: string[] = []): Promise<void> {
    await this.until(
      async () => {
        for (const id of this.begun) if (!(await this.isAtRest(id, running))) return false;
        return true;
      },
      () => `${this.begun.join(', ')} at rest`,
    );
  }

  async withoutWorker(work: () => Promise<void>, justBefore?: () => Promise<void>): Promise<void> {
    const { absence } = this;
    if (!absence) throw new Error(`${this.scenario.name} shares its worker`);
    this.absence = null;
    await absence.during(work, justBefore);
  }

  async histories(id: string): Promise<History[]> {
    const latest: History = await this.handle(id).fetchHistory();
    let runId = latest.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId;
    const histories: History[] = [];
    while (runId) {
      const history: History = await this.handle(id, runId).fetchHistory();
      histories.push(history);
      runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    }
    return histories;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.begun.map((id) =>
        this.handle(id)
          .terminate()
          .catch(() => undefined),
      ),
    );
    // The other scenarios do not wait for one that has failed.
    void this.absence?.during(() => Promise.resolve());
    for (const id of this.worlds.keys()) worlds.delete(id);
  }

  protected async begin(
    type: string,
    { id, args, memo }: { id: string; args: unknown[]; memo: Record<string, unknown> },
  ): Promise<void> {
    await this.server.client.workflow.start(type, { workflowId: id, taskQueue: this.taskQueue, args, memo });
  }

  protected async pass(): Promise<void> {
    await delay(pollMs);
  }

  protected isKnown(id: string): Promise<boolean> {
    return this.handle(id)
      .describe()
      .then(
        () => true,
        () => false,
      );
  }

  protected async describe(id: string): Promise<Description> {
    const { raw, status, memo = {} } = await this.handle(id).describe();
    const { indexedFields = {} } = raw.workflowExecutionInfo?.searchAttributes ?? {};
    // The server adds attributes of its own, such as BuildIds.
    const own = Object.entries(indexedFields ?? {}).filter(([name]) => name.startsWith('Rollout'));
    const searchAttributes = Object.fromEntries(own.map(([name, payload]) => [name, valueOf(payload)]));
    return { status: status.name, memo, searchAttributes };
  }

  private handle(id: string, runId?: string): WorkflowHandle {
    return this.server.client.workflow.getHandle(id, runId);
  }

  private send(id: string, { name, args, id: updateId }: Update, until: 'admitted' | 'accepted'): SentUpdate {
    const started = this.handle(id).startUpdate(name, {
      ...{ args: args as [unknown], updateId },
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    const accepted = started.then(
      () => undefined,
      () => undefined,
    );
    return {
      reached: until === 'accepted' ? accepted : this.admitted(id, updateId),
      answer: started.then((handle) => handle.result()),
    };
  }

  /** Waits until the server has the update. */
  private admitted(workflowId: string, updateId: string): Promise<void> {
    const { workflowService, options } = this.server.client;
    return this.until(
      () =>
        workflowService
          .pollWorkflowExecutionUpdate({
            namespace: options.namespace,
            updateRef: { workflowExecution: { workflowId }, updateId },
            waitPolicy: {
              lifecycleStage:
                UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED,
            },
          })
          .then(
            () => true,
            () => false,
          ),
      () => `update ${updateId} admitted`,
    );
  }

  /** No workflow task is due, and no attempt runs or begins soon, also in children. */
  private async isAtRest(id: string, running: string[]): Promise<boolean> {
    const { raw, status } = await this.handle(id).describe();
    if (status.name !== 'RUNNING') return true;
    if (raw.pendingWorkflowTask) return false;
    // After a continue-as-new, the first workflow task may wait for a second.
    const { executionTime, historyLength } = raw.workflowExecutionInfo ?? {};
    if (Number(historyLength) <= 1 && executionTime && tsToMs(executionTime) > Date.now() - restMs)
      return false;
    for (const { activityType, state, attempt, scheduledTime } of raw.pendingActivities ?? []) {
      const isRunning = state === PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;
      if (isRunning && running.includes(activityType?.name ?? '')) continue;
      const isWaiting = Number(attempt) > 1 && scheduledTime && tsToMs(scheduledTime) - Date.now() > restMs;
      if (isRunning || !isWaiting) return false;
    }
    for (const { workflowId, runId } of raw.pendingChildren ?? [])
      if (!runId || !workflowId || !(await this.isAtRest(workflowId, running))) return false;
    return true;
  }
}
