/** One rollout from its start to its end, and what came of it. */
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
import { sendUsers, setTheScene, type Scenario } from './scenarios.js';

export interface Evidence {
  story: Scenario;
  injection: Injection | null;
  faultFired: boolean;
  endpoint: string;
  rolloutId: string;
  names: Names;
  result: RolloutResult;
  timeline: TimelineEntry[];
  notices: Notification[];
  /** Taken while the workflow was telling of its end. */
  atEnd: Snapshot;
  calls: CallRecord[];
  called: Map<string, Set<string>>;
  /** Nothing but a person ended it: the test did. */
  wasReleased: boolean;
}

const minuteMs = 60_000;
/** A person answers a hold after so long: whatever passes by itself has passed. */
const patienceMs = 25 * minuteMs;
const longestMs = 10 * 60 * minuteMs;

let played = 0;

export async function runScenario(
  stage: FaultMatrixEnvironment,
  story: Scenario,
  injection: Injection | null,
): Promise<Evidence> {
  const endpoint = `${story.name}-${(played += 1)}`;
  const clock = { now: () => stage.now() };
  const account = await Account.open(endpoint, clock, injection, story.twist ?? (() => Promise.resolve()));
  const run = new Run(stage, story, account);
  stage.enter(run);
  try {
    await setTheScene(story, account);
    return { ...(await run.untilEnded()), injection };
  } finally {
    stage.leave(run);
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
    private readonly stage: FaultMatrixEnvironment,
    private readonly story: Scenario,
    readonly account: Account,
  ) {}

  async untilEnded(): Promise<Omit<Evidence, 'injection'>> {
    const { account, stage, story } = this;
    const { endpoint } = account;
    const fields = { ...story.fields(endpoint), ...stage.notify(endpoint) };
    const handle = await stage.temporal.workflow.start('rollout', {
      taskQueue: stage.taskQueue,
      workflowId: this.workflowId,
      // A machine may be busy.
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
    this.begun = await stage.now();
    while (this.atEnd === null) {
      if (this.failure) throw this.failure;
      stage.requireGoing();
      await delay(50);
    }
    return {
      ...{ story, endpoint, rolloutId, names: resourceNamesOf(rolloutId) },
      result: (await handle.result()) as RolloutResult,
      timeline: await handle.query(timelineQuery),
      notices: this.notices,
      atEnd: this.atEnd,
      ...{ calls: account.calls, called: account.called, faultFired: account.isStruck },
      wasReleased: this.wasReleased,
    };
  }

  async hear(notification: Notification): Promise<void> {
    this.notices.push(notification);
    if (notification.event === 'hold') this.heldSince = Date.parse(notification.at);
    if (notification.event === 'ended') this.atEnd = await takeSnapshot(this.account);
  }

  /**
   * Aborts where the story or a hold without end wants it, and no attempt is running: the time-skipping server, unlike a real one, goes
   * on trying an activity that was cancelled in the midst of an attempt.
   */
  async look(nowMs: number): Promise<void> {
    const { account, begun, heldSince, story } = this;
    if (begun === null || this.atEnd !== null) return;
    if (nowMs - begun > longestMs) this.failure ??= new Error(await this.describe());
    if (this.isAborted || !account.isIdle) return;
    const isDue = story.abortsIn !== undefined && account.called.has(story.abortsIn);
    const isHeldForLong = heldSince !== null && nowMs - heldSince > patienceMs;
    if (!isDue && !(isHeldForLong && (await this.isHolding()))) return;
    this.isAborted = true;
    this.wasReleased = !isDue;
    await this.handle.signal('abort', { actor: 'ben', reason: isDue ? 'wrong data' : 'held for too long' });
  }

  private async isHolding(): Promise<boolean> {
    const { hold, phase } = await this.handle.query(statusQuery);
    // A way back has an end of its own.
    return hold !== null && phase !== 'rollingBack';
  }

  private get workflowId(): string {
    return `rollout:${this.account.endpoint}`;
  }

  private get handle(): WorkflowHandle {
    return this.stage.temporal.workflow.getHandle(this.workflowId);
  }

  private async describe(): Promise<string> {
    const timeline = await this.handle.query(timelineQuery);
    const story = timeline.map(({ at, message }) => `${at} ${message}`);
    const { raw } = await this.handle.describe();
    const pending = raw.pendingActivities?.map(
      (one) => `${one.activityType?.name} ${one.lastFailure?.message}`,
    );
    return [`${this.account.endpoint} did not end`, ...story, ...(pending ?? [])].join('\n');
  }
}
