/** Runs one rollout of the soak, from its setup to the collection of its evidence. */
import { setTimeout as delay } from 'node:timers/promises';
import { NoWorker, WorkerFailing, type LiveStatus } from '../../src/client.js';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { Notification } from '../../src/activities/interface/notifications.js';
import type { Receiver } from '../../test/activities/webhooks/receiver.js';
import type { E2eEnvironment } from '../../test/e2e/e2e-environment.js';
import { assertReplays } from '../../test/support/replay.js';
import { readSnapshot } from '../../test/faults/aws/snapshot.js';
import { Acts } from './acts.js';
import { alarmOf, specOfScenario, type Scenario } from './scenario.js';
import type { Evidence } from './invariants.js';
import type { Journal } from './journal.js';
import { Operator } from './operator.js';
import { User } from './users.js';

export interface Ground {
  environment: E2eEnvironment;
  runtime: SageMakerRuntimeClient;
  receiver: Receiver;
  journal: Journal;
  /** Acts that took effect, by kind. */
  done: Map<string, number>;
  report: (endpoint: string, problem: string) => void;
}

const pollMs = 3_000;
const holdMs = 40_000;
const maxDurationMs = 15 * 60_000;
const requestsPerSecond = 40;

export class SoakRollout {
  historyEvents = 0;
  asked = 0;
  private readonly operator: Operator;
  private wasReleased = false;
  private hasEnded = false;

  constructor(
    private readonly ground: Ground,
    private readonly scenario: Scenario,
  ) {
    this.operator = new Operator(ground.environment.rollouts, scenario.endpoint);
  }

  async play(): Promise<Evidence> {
    const { scenario, ground } = this;
    const { environment, receiver } = ground;
    const { endpoint } = scenario;
    await this.setUp();
    const begun = ground.journal.of(endpoint).length;
    const notify = { notify: [{ webhook: { url: `${receiver.url}/${endpoint}` }, on: ['hold', 'page'] }] };
    const rollout = await environment.start(specOfScenario(scenario, alarmOf(endpoint), notify));
    const { rolloutId, names } = rollout;
    await environment.emulator.setTraffic({ endpoint: rolloutId, requestsPerSecond });
    const user = new User(ground.runtime, endpoint, (problem) => ground.report(endpoint, problem));
    const acts = new Acts(environment, scenario, this.operator, rollout, (what) => this.count(what));
    const meanwhile = Promise.all([acts.carryOut(), this.watch(), user.use()]);
    // Awaited below, unless the soak ends before.
    meanwhile.catch(() => undefined);
    const result = await environment.rollouts.wait(endpoint);
    this.hasEnded = true;
    acts.end();
    const atEnd = await readSnapshot(environment.sagemaker, endpoint, { NameContains: endpoint });
    user.leave();
    await meanwhile;
    for (const name of [endpoint, rolloutId])
      await environment.emulator.setTraffic({ endpoint: name, requestsPerSecond: 0 });
    this.asked = user.asked;
    const replayProblem = await this.replay();
    const timeline =
      replayProblem === null
        ? await this.retryWithoutWorker(() => environment.rollouts.timeline(endpoint))
        : [];
    const { historyLength, closeTime } = await environment.temporal.workflow
      .getHandle(this.workflowId)
      .describe();
    this.historyEvents = historyLength;
    return {
      ...{ endpoint, rolloutId, names, result, timeline, atEnd, isBad: scenario.isBad },
      endedAt: closeTime?.getTime() ?? 0,
      calls: ground.journal.of(endpoint).slice(begun),
      ...{ given: this.operator.given, replayProblem },
      holdNotifications: this.holdNotifications(),
      wasReleased: this.wasReleased,
    };
  }

  /** Null: the history replays without non-determinism. */
  private async replay(): Promise<string | null> {
    try {
      await assertReplays(this.ground.environment.temporal.workflow.getHandle(this.workflowId));
      return null;
    } catch (error) {
      return `the history does not replay: ${String(error)}`;
    }
  }

  private get workflowId(): string {
    return `rollout:${this.scenario.endpoint}`;
  }

  private async setUp(): Promise<void> {
    const { endpoint, isBad } = this.scenario;
    const { environment } = this.ground;
    await environment.emulator.setBehaviour({ model: `${endpoint}-1`, conversionRate: 0.1 });
    const errors = isBad ? { errorRate: 0.3 } : {};
    await environment.emulator.setBehaviour({ model: `${endpoint}-2`, conversionRate: 0.5, ...errors });
    await environment.putAlarm(alarmOf(endpoint));
    await environment.putLive(endpoint);
    await environment.waitForVisitors(endpoint);
  }

  private count(what: string): void {
    const { done } = this.ground;
    done.set(what, (done.get(what) ?? 0) + 1);
  }

  /** The operator aborts a rollout that holds for long. A rollout that does not end is a violation. */
  private async watch(): Promise<void> {
    const { endpoint } = this.scenario;
    const begunMs = Date.now();
    let heldSince: number | null = null;
    let last: LiveStatus | null = null;
    while (!this.hasEnded) {
      await delay(pollMs);
      last = (await this.readStatus()) ?? last;
      if (Date.now() - begunMs > maxDurationMs) {
        this.ground.report(endpoint, `does not end: ${JSON.stringify(last)}`);
        return;
      }
      const isHeld = last !== null && last.hold !== null && !last.paused && last.phase !== 'rollingBack';
      heldSince = isHeld ? (heldSince ?? Date.now()) : null;
      if (heldSince === null || Date.now() - heldSince < holdMs || this.wasReleased) continue;
      this.wasReleased = (await this.operator.give('abort')) === 'accepted';
    }
  }

  private readStatus(): Promise<LiveStatus | null> {
    return this.ground.environment.rollouts.get(this.scenario.endpoint).catch(nullWithoutWorker);
  }

  private async retryWithoutWorker<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await ask().catch(nullWithoutWorker);
      if (answer !== null) return answer;
      await delay(pollMs);
    }
  }

  private holdNotifications(): string[] {
    return this.ground.receiver.received
      .filter(({ path }) => path === `/${this.scenario.endpoint}`)
      .map(({ body }) => JSON.parse(body) as Notification)
      .flatMap(({ event, message }) => (event === 'hold' ? [message] : []));
  }
}

function nullWithoutWorker(error: unknown): null {
  if (error instanceof NoWorker || error instanceof WorkerFailing) return null;
  throw error;
}
