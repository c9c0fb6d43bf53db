/** One rollout of the soak, from before its start until it has been judged. */
import { setTimeout as delay } from 'node:timers/promises';
import { NoWorker, WorkerFailing, type LiveStatus } from '../../src/client.js';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { Notification } from '../../src/activities/interface/notifications.js';
import type { Receiver } from '../../test/activities/webhooks/receiver.js';
import type { E2eEnvironment } from '../../test/e2e/e2e-environment.js';
import { assertReplays } from '../../test/support/replay.js';
import { readSnapshot } from '../../test/faults/aws/snapshot.js';
import { Acts } from './acts.js';
import { alarmOf, specOfCourse, type Course } from './course.js';
import type { Evidence } from './invariants.js';
import type { Journal } from './journal.js';
import { Operator } from './operator.js';
import { User } from './users.js';

export interface Ground {
  stage: E2eEnvironment;
  runtime: SageMakerRuntimeClient;
  receiver: Receiver;
  journal: Journal;
  /** Acts that came to something, by kind. */
  done: Map<string, number>;
  report: (endpoint: string, problem: string) => void;
}

const lookMs = 3_000;
const holdMs = 40_000;
const longestMs = 15 * 60_000;
const requestsPerSecond = 40;

export class Soaked {
  historyEvents = 0;
  asked = 0;
  private readonly operator: Operator;
  private wasReleased = false;
  private hasEnded = false;

  constructor(
    private readonly ground: Ground,
    private readonly course: Course,
  ) {
    this.operator = new Operator(ground.stage.rollouts, course.endpoint);
  }

  async play(): Promise<Evidence> {
    const { course, ground } = this;
    const { stage, receiver } = ground;
    const { endpoint } = course;
    await this.setTheScene();
    const begun = ground.journal.of(endpoint).length;
    const notify = { notify: [{ webhook: { url: `${receiver.url}/${endpoint}` }, on: ['hold', 'page'] }] };
    const rollout = await stage.start(specOfCourse(course, alarmOf(endpoint), notify));
    const { rolloutId, names } = rollout;
    await stage.emulator.setTraffic({ endpoint: rolloutId, requestsPerSecond });
    const user = new User(ground.runtime, endpoint, (problem) => ground.report(endpoint, problem));
    const acts = new Acts(stage, course, this.operator, rollout, (what) => this.count(what));
    const meanwhile = Promise.all([acts.carryOut(), this.watch(), user.use()]);
    // It is awaited below, unless the soak has ended before.
    meanwhile.catch(() => undefined);
    const result = await stage.rollouts.wait(endpoint);
    this.hasEnded = true;
    acts.end();
    const atEnd = await readSnapshot(stage.sagemaker, endpoint, { NameContains: endpoint });
    user.leave();
    await meanwhile;
    for (const name of [endpoint, rolloutId])
      await stage.emulator.setTraffic({ endpoint: name, requestsPerSecond: 0 });
    this.asked = user.asked;
    const replayProblem = await this.replay();
    const timeline = replayProblem === null ? await this.insist(() => stage.rollouts.timeline(endpoint)) : [];
    const { historyLength, closeTime } = await stage.temporal.workflow.getHandle(this.workflowId).describe();
    this.historyEvents = historyLength;
    return {
      ...{ endpoint, rolloutId, names, result, timeline, atEnd, isBad: course.isBad },
      endedAt: closeTime?.getTime() ?? 0,
      calls: ground.journal.of(endpoint).slice(begun),
      ...{ given: this.operator.given, replayProblem },
      heldNotices: this.heldNotices(),
      wasReleased: this.wasReleased,
    };
  }

  /** Null: the workflow code does the same again. */
  private async replay(): Promise<string | null> {
    try {
      await assertReplays(this.ground.stage.temporal.workflow.getHandle(this.workflowId));
      return null;
    } catch (error) {
      return `its history does not replay: ${String(error)}`;
    }
  }

  private get workflowId(): string {
    return `rollout:${this.course.endpoint}`;
  }

  private async setTheScene(): Promise<void> {
    const { endpoint, isBad } = this.course;
    const { stage } = this.ground;
    await stage.emulator.setBehaviour({ model: `${endpoint}-1`, conversionRate: 0.1 });
    const errors = isBad ? { errorRate: 0.3 } : {};
    await stage.emulator.setBehaviour({ model: `${endpoint}-2`, conversionRate: 0.5, ...errors });
    await stage.putAlarm(alarmOf(endpoint));
    await stage.putLive(endpoint);
    await stage.waitForVisitors(endpoint);
  }

  private count(what: string): void {
    const { done } = this.ground;
    done.set(what, (done.get(what) ?? 0) + 1);
  }

  /** An operator ends what is held for long; what does not end at all is a violation. */
  private async watch(): Promise<void> {
    const { endpoint } = this.course;
    const begunMs = Date.now();
    let heldSince: number | null = null;
    let last: LiveStatus | null = null;
    while (!this.hasEnded) {
      await delay(lookMs);
      last = (await this.look()) ?? last;
      if (Date.now() - begunMs > longestMs) {
        this.ground.report(endpoint, `does not end: ${JSON.stringify(last)}`);
        return;
      }
      const isHeld = last !== null && last.hold !== null && !last.paused && last.phase !== 'rollingBack';
      heldSince = isHeld ? (heldSince ?? Date.now()) : null;
      if (heldSince === null || Date.now() - heldSince < holdMs || this.wasReleased) continue;
      this.wasReleased = (await this.operator.give('abort')) === 'accepted';
    }
  }

  private look(): Promise<LiveStatus | null> {
    return this.ground.stage.rollouts.get(this.course.endpoint).catch(nullWithoutWorker);
  }

  private async insist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await ask().catch(nullWithoutWorker);
      if (answer !== null) return answer;
      await delay(lookMs);
    }
  }

  private heldNotices(): string[] {
    return this.ground.receiver.received
      .filter(({ path }) => path === `/${this.course.endpoint}`)
      .map(({ body }) => JSON.parse(body) as Notification)
      .flatMap(({ event, message }) => (event === 'hold' ? [message] : []));
  }
}

function nullWithoutWorker(error: unknown): null {
  if (error instanceof NoWorker || error instanceof WorkerFailing) return null;
  throw error;
}
