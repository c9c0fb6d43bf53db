/** Runs one rollout from its start to its end, and collects the evidence. */
import type { Notification } from '../../../src/activities/interface/notifications.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { type SimulatedHandle } from '../../../src/simulation/temporal/simulated-temporal.js';
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
import { prepareAccount, sendUsers, type Scenario } from './scenarios.js';
import { scalingsOf, type Scalings } from '../../support/scalings.js';
import { rolloutResult } from '../../support/rollout-result.js';

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
  /** Taken at the end of the workflow. */
  atEnd: Snapshot;
  scalings: { before: Scalings; after: Scalings };
  calls: CallRecord[];
  called: Map<string, Set<string>>;
  /** The test aborted a hold that would not have ended otherwise. */
  wasReleased: boolean;
}

const minuteMs = 60_000;
/** The test aborts a hold after this time: temporary faults are over by then. */
const maxHoldMs = 25 * minuteMs;
const maxRolloutMs = 10 * 60 * minuteMs;

const topicArn = 'arn:aws:sns:us-east-1:123456789012:rollouts';

export async function runScenario(scenario: Scenario, injection: Injection | null): Promise<Evidence> {
  const beforeAttempt = scenario.beforeAttempt ?? (() => Promise.resolve());
  const account = await Account.open(scenario.name, injection, beforeAttempt);
  try {
    await prepareAccount(scenario, account);
    const before = await scalingsOf(account.autoscaling);
    const evidence = await new Run(scenario, account).finish();
    const scalings = { before, after: await scalingsOf(account.autoscaling) };
    return { ...evidence, injection, scalings };
  } finally {
    await account.close();
  }
}

class Run {
  private readonly handle: SimulatedHandle;
  private wasReleased = false;
  private isAborted = false;

  constructor(
    private readonly scenario: Scenario,
    private readonly account: Account,
  ) {
    const { endpoint, temporal } = account;
    const fields = { ...scenario.fields(endpoint), notify: [{ sns: topicArn }] };
    this.handle = temporal.start('rollout', {
      workflowId: `rollout:${endpoint}`,
      memo: { startedBy: 'ana' },
      args: [specOf(endpoint, fields)],
    });
  }

  async finish(): Promise<Omit<Evidence, 'injection' | 'scalings'>> {
    const { account, handle, scenario } = this;
    const { endpoint, temporal } = account;
    const { workflowId } = handle;
    const { runId } = await handle.describe();
    const rolloutId = rolloutIdOf(endpoint, { workflowId, runId });
    account.rolloutId = rolloutId;
    await sendUsers(account);
    const { clock } = temporal;
    const lastMs = clock.nowMs + maxRolloutMs;
    while (!this.hasEnded) {
      if (clock.nowMs > lastMs) throw new Error(await this.describe());
      await this.runForAMinute();
      await this.check(clock.nowMs);
    }
    return {
      ...{ scenario, endpoint, rolloutId, names: resourceNamesOf(rolloutId) },
      result: await rolloutResult(handle.result()),
      timeline: await handle.query(timelineQuery),
      notices: account.notices,
      atEnd: await takeSnapshot(account),
      ...{ calls: account.calls, called: account.called, faultFired: account.faultFired },
      wasReleased: this.wasReleased,
    };
  }

  private get hasEnded(): boolean {
    return this.account.temporal.latest(this.handle.workflowId).end !== null;
  }

  /** Or until the end. */
  private async runForAMinute(): Promise<void> {
    const { temporal } = this.account;
    let isOver = false;
    const minute = temporal.clock.at(temporal.clock.nowMs + minuteMs, () => {
      isOver = true;
    });
    await temporal.runUntil(() => isOver || this.hasEnded, 'a minute is over');
    minute.cancel();
  }

  /** Aborts if the scenario asks for it, or if a hold does not end. */
  private async check(nowMs: number): Promise<void> {
    const { account, scenario } = this;
    if (this.isAborted || this.hasEnded) return;
    const isDue = scenario.abortsIn !== undefined && account.called.has(scenario.abortsIn);
    const held = account.notices.findLast(({ event }) => event === 'hold');
    const isHeldForLong = held !== undefined && nowMs - Date.parse(held.at) > maxHoldMs;
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

  private async describe(): Promise<string> {
    const timeline = await this.handle.query(timelineQuery);
    const messages = timeline.map(({ at, message }) => `${at} ${message}`);
    const pending = this.handle.pendingActivities.map(
      ({ activityType, lastFailure }) => `${activityType} ${lastFailure?.message}`,
    );
    return [`${this.account.endpoint} did not end`, ...messages, ...pending].join('\n');
  }
}
