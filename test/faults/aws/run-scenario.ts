/** Runs one rollout from its start to its end, and collects the evidence. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { resourceNamesOf, type Names } from '../../../src/plan/compiled/names.js';
import { rolloutIdOf } from '../../../src/plan/compile/rollout-id.js';
import {
  statusQuery,
  timelineQuery,
  type RolloutResult,
  type TimelineEntry,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { Account, type Injection } from './aws-account.js';
import { takeSnapshot, type Snapshot } from './snapshot.js';
import type { ScenarioRun, FaultMatrixEnvironment } from './fault-matrix-environment.js';
import { prepareAccount, sendUsers, type Scenario } from './scenarios.js';

export interface Evidence {
  scenario: Scenario;
  injection: Injection | null;
  faultFired: boolean;
  endpoint: string;
  rolloutId: string;
  names: Names;
  result: RolloutResult;
  timeline: TimelineEntry[];
  notices: Notification[];
  /** Taken while the workflow sends the notification of its end. */
  atEnd: Snapshot;
  calls: CallRecord[];
  called: Map<string, Set<string>>;
  /** The test aborted a hold that would not have ended otherwise. */
  wasReleased: boolean;
}

const minuteMs = 60_000;
/** The test aborts a hold after this time: temporary faults are over by then. */
const maxHoldMs = 25 * minuteMs;
const maxRolloutMs = 10 * 60 * minuteMs;

let count = 0;

export async function runScenario(
  environment: FaultMatrixEnvironment,
  scenario: Scenario,
  injection: Injection | null,
): Promise<Evidence> {
  const endpoint = `${scenario.name}-${(count += 1)}`;
  const clock = { now: () => environment.now() };
  const beforeAttempt = scenario.beforeAttempt ?? (() => Promise.resolve());
  const account = await Account.open(endpoint, clock, injection, beforeAttempt);
  const run = new Run(environment, scenario, account);
  environment.add(run);
  try {
    await prepareAccount(scenario, account);
    return { ...(await run.finish()), injection };
  } finally {
    environment.remove(run);
    await account.close();
  }
}

class Run implements ScenarioRun {
  private readonly notices: Notification[] = [];
  private atEnd: Snapshot | null = null;
  private begun: number | null = null;
  private heldSince: number | null = null;
  private wasReleased = false;
  private isAborted = false;
  private failure: Error | null = null;

  constructor(
    private readonly environment: FaultMatrixEnvironment,
    private readonly scenario: Scenario,
    readonly account: Account,
  ) {}

  async finish(): Promise<Omit<Evidence, 'injection'>> {
    const { account, environment, scenario } = this;
    const { endpoint } = account;
    const fields = { ...scenario.fields(endpoint), ...environment.notify(endpoint) };
    const handle = await environment.temporal.workflow.start('rollout', {
      taskQueue: environment.taskQueue,
      workflowId: this.workflowId,
      // The machine may be busy.
      workflowTaskTimeout: '1m',
      memo: { startedBy: 'ana' },
      args: [specOf(endpoint, fields)],
    });
    const rolloutId = rolloutIdOf(endpoint, {
      workflowId: this.workflowId,
      runId: handle.firstExecutionRunId,
    });
    account.rolloutId = rolloutId;
    await sendUsers(account);
    this.begun = await environment.now();
    while (this.atEnd === null) {
      if (this.failure) throw this.failure;
      environment.assertRunning();
      await delay(50);
    }
    return {
      ...{ scenario, endpoint, rolloutId, names: resourceNamesOf(rolloutId) },
      result: (await handle.result()) as RolloutResult,
      timeline: await handle.query(timelineQuery),
      notices: this.notices,
      atEnd: this.atEnd,
      ...{ calls: account.calls, called: account.called, faultFired: account.faultFired },
      wasReleased: this.wasReleased,
    };
  }

  async receive(notification: Notification): Promise<void> {
    this.notices.push(notification);
    if (notification.event === 'hold') this.heldSince = Date.parse(notification.at);
    if (notification.event === 'ended') this.atEnd = await takeSnapshot(this.account);
  }

  /**
   * Aborts if the scenario asks for it, or if a hold does not end. Waits until no attempt is running: unlike a real server,
   * the time-skipping server retries an activity that was cancelled during an attempt.
   */
  async check(nowMs: number): Promise<void> {
    const { account, begun, heldSince, scenario } = this;
    if (begun === null || this.atEnd !== null) return;
    if (nowMs - begun > maxRolloutMs) this.failure ??= new Error(await this.describe());
    if (this.isAborted || !account.isIdle) return;
    const isDue = scenario.abortsIn !== undefined && account.called.has(scenario.abortsIn);
    const isHeldForLong = heldSince !== null && nowMs - heldSince > maxHoldMs;
    if (!isDue && !(isHeldForLong && (await this.isHolding()))) return;
    this.isAborted = true;
    this.wasReleased = !isDue;
    await this.handle.signal('abort', { actor: 'ben', reason: isDue ? 'wrong data' : 'held for too long' });
  }

  private async isHolding(): Promise<boolean> {
    const { hold, phase } = await this.handle.query(statusQuery);
    // A rollback has a time limit.
    return hold !== null && phase !== 'rollingBack';
  }

  private get workflowId(): string {
    return `rollout:${this.account.endpoint}`;
  }

  private get handle(): WorkflowHandle {
    return this.environment.temporal.workflow.getHandle(this.workflowId);
  }

  private async describe(): Promise<string> {
    const timeline = await this.handle.query(timelineQuery);
    const messages = timeline.map(({ at, message }) => `${at} ${message}`);
    const { raw } = await this.handle.describe();
    const pending = raw.pendingActivities?.map(
      (one) => `${one.activityType?.name} ${one.lastFailure?.message}`,
    );
    return [`${this.account.endpoint} did not end`, ...messages, ...(pending ?? [])].join('\n');
  }
}
