/** One side that plays a scenario: Temporal's dev server or the simulation. It records the answers that clients get. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { temporal } from '@temporalio/proto';
import type { FakeActivities } from '../../workflows/fake-activities.js';
import type { RolloutStatus } from '../../../src/workflows/messages.js';
import type { WavesStatus } from '../../../src/workflows/waves/messages.js';
import { EventType } from '../../../src/simulation/temporal/history.js';
import { describeError } from './bundle/describe-error.js';
import { Plain } from './plain.js';
import { describeHistory, type TranscriptOptions } from './transcript.js';

export type History = temporal.api.history.v1.IHistory;

export interface RunHistory {
  workflowId: string;
  history: History;
}

export interface Scenario {
  name: string;
  /** Activities of workflows, by the short id of the workflow. Made for each side. */
  worlds?: Record<string, () => FakeActivities>;
  /** No worker runs for a part of it. */
  losesWorker?: boolean;
  options?: Partial<TranscriptOptions>;
  play(side: Side): Promise<void>;
}

/** The end of a workflow as the server describes it. */
export interface Description {
  status: string;
  memo: Record<string, unknown>;
  searchAttributes: Record<string, unknown>;
}

/** An update whose answer may take time. `reached`: the server has it, or the workflow has accepted it. */
export interface SentUpdate {
  reached: Promise<void>;
  answer: Promise<unknown>;
}

export interface Update {
  name: string;
  args: unknown[];
  /** Updates of the same id are the same request. */
  id: string;
}

/** The calls of a client, on each side. */
export interface Calls {
  query(id: string, name: string, args: unknown[]): Promise<unknown>;
  signal(id: string, name: string, args: unknown[]): Promise<void>;
  update(id: string, update: Update): Promise<unknown>;
  send(id: string, update: Update, until: 'admitted' | 'accepted'): SentUpdate;
  cancel(id: string): Promise<void>;
  terminate(id: string, reason: string): Promise<void>;
  result(id: string): Promise<unknown>;
}

/** Ids are unique in a run of the tests: TEMPORAL_ADDRESS may name a server that has the ids of earlier ones. */
export const runKey = randomBytes(3).toString('hex');

/** Task queues: of most scenarios, and of those whose worker is absent for a while. */
export const sharedQueue = `conformance-${runKey}`;
export const absentQueue = `${sharedQueue}-absent`;

const defaults: TranscriptOptions = { hasAttempts: true, timerStepMs: 1000, isParallel: false };
/** Real time. */
const maxWaitMs = 180_000;

export abstract class Side {
  readonly worlds: Map<string, FakeActivities>;
  protected readonly taskQueue: string;
  protected readonly begun: string[] = [];
  private readonly answers: string[] = [];
  protected abstract readonly calls: Calls;

  constructor(
    readonly scenario: Scenario,
    /** Number of the scenario. */
    readonly number: number,
  ) {
    const { worlds = {}, losesWorker = false } = scenario;
    this.taskQueue = losesWorker ? absentQueue : sharedQueue;
    this.worlds = new Map(Object.entries(worlds).map(([short, create]) => [this.id(short), create()]));
  }

  /** The workflow id, or the name of an endpoint, of this scenario. */
  id(short: string): string {
    return `${short}-${this.number}-${runKey}`;
  }

  world(short = 'rollout:digits'): FakeActivities {
    const world = this.worlds.get(this.id(short));
    if (!world) throw new Error(`no activities of ${short}`);
    return world;
  }

  workflow(short: string): PlayedWorkflow {
    return new PlayedWorkflow(this, this.calls, this.id(short));
  }

  async start(
    type: string,
    short: string,
    args: unknown[],
    memo: Record<string, unknown> = {},
  ): Promise<PlayedWorkflow> {
    const id = this.id(short);
    await this.begin(type, { id, args, memo });
    this.begun.push(id);
    return this.workflow(short);
  }

  /** The rollout of the endpoint `digits`. */
  rollout(spec: unknown = { apiVersion: 'penstock/v1' }): Promise<PlayedWorkflow> {
    return this.start('rollout', 'rollout:digits', [spec], { startedBy: 'ana' });
  }

  /** Waits until it holds; lets time pass meanwhile. */
  async until(holds: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
    for (const began = performance.now(); performance.now() < began + maxWaitMs;) {
      if (await holds()) return;
      await this.pass();
    }
    throw new Error(`${this.constructor.name}: not reached: ${what()}`);
  }

  /** Waits until the call was made. */
  called(call: string, short = 'rollout:digits'): Promise<void> {
    const { calls } = this.world(short);
    return this.until(
      () => calls.includes(call),
      () => `${call}; calls: ${calls.join(', ')}`,
    );
  }

  /** Waits until a child of that id runs. */
  started(short: string): Promise<void> {
    return this.until(
      () => this.isKnown(this.id(short)),
      () => `${short} started`,
    );
  }

  /** Waits until a run has so many events of that type. `run`: 1 is the first one. */
  event(short: string, type: string, count: number, run = 1): Promise<void> {
    const wanted = Number(EventType[`EVENT_TYPE_${type}` as keyof typeof EventType]);
    const isThere = async () => {
      const events = (await this.histories(this.id(short)))[run - 1]?.events ?? [];
      return events.filter(({ eventType }) => Number(eventType) === wanted).length >= count;
    };
    return this.until(isThere, () => `${count} of ${type}`);
  }

  /** Milliseconds since the epoch. */
  abstract readonly nowMs: number;

  /** Nothing happens until a client sends something, or until a long time has passed. `running`: running activities. */
  abstract rest(running?: string[]): Promise<void>;

  /** No worker runs during the work. A scenario calls it once. `justBefore`: what takes time since then. */
  abstract withoutWorker(work: () => Promise<void>, justBefore?: () => Promise<void>): Promise<void>;

  protected abstract begin(
    type: string,
    options: { id: string; args: unknown[]; memo: Record<string, unknown> },
  ): Promise<void>;

  /** Lets a little time pass. */
  protected abstract pass(): Promise<void>;

  protected abstract isKnown(id: string): Promise<boolean>;

  protected abstract describe(id: string): Promise<Description>;

  /** Histories of all runs, the oldest first. */
  abstract histories(id: string): Promise<History[]>;

  abstract close(): Promise<void>;

  async firstRunId(short: string): Promise<string> {
    const [first] = await this.histories(this.id(short));
    return first?.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
  }

  /** Records the answer that a client gets. Throws if there is none for a long time. */
  async record<T>(what: string, answer: Promise<T>): Promise<T | null> {
    const index = this.answers.push(`${what}: no answer`) - 1;
    const settle = (outcome: object) => {
      this.answers[index] = `${what}: ${new Plain().text(outcome)}`;
    };
    const answered = answer.then(
      (value) => {
        settle({ value });
        return value;
      },
      (error: unknown) => {
        settle(describeError(error));
        return null;
      },
    );
    const stop = new AbortController();
    const late = delay(maxWaitMs, undefined, { signal: stop.signal }).then(() => {
      throw new Error(`${this.scenario.name}: no answer to ${what}; answers: ${this.answers.join('; ')}`);
    });
    try {
      return await Promise.race([answered, late]);
    } finally {
      late.catch(() => undefined);
      stop.abort();
    }
  }

  /** The runs of every workflow, also of children. */
  async allRuns(): Promise<RunHistory[]> {
    const all: RunHistory[] = [];
    const ids = [...this.begun];
    for (const workflowId of ids) {
      const histories = await this.histories(workflowId);
      all.push(...histories.map((history) => ({ workflowId, history })));
      for (const child of histories.flatMap(childrenIn)) if (!ids.includes(child)) ids.push(child);
    }
    return all;
  }

  /** The whole scenario in a form that is equal on both sides. */
  async transcript(runs: RunHistory[]): Promise<string[]> {
    const plain = new Plain();
    const lines = [...this.answers];
    const options = { ...defaults, ...this.scenario.options };
    for (const [i, { workflowId, history }] of runs.entries()) {
      if (runs[i - 1]?.workflowId !== workflowId)
        lines.push(`workflow ${workflowId}`, plain.text(await this.describe(workflowId)));
      lines.push('run', ...describeHistory(history, plain, options));
    }
    return lines;
  }
}

function childrenIn({ events }: History): string[] {
  return (events ?? []).flatMap(
    (event) => event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId ?? [],
  );
}

export class PlayedWorkflow {
  constructor(
    private readonly side: Side,
    private readonly calls: Calls,
    readonly id: string,
  ) {}

  query(name: string, ...args: unknown[]): Promise<unknown> {
    return this.side.record(`query ${name}`, this.calls.query(this.id, name, args));
  }

  signal(name: string, ...args: unknown[]): Promise<unknown> {
    return this.side.record(`signal ${name}`, this.calls.signal(this.id, name, args));
  }

  update(name: string, args: unknown[], id = 'only'): Promise<unknown> {
    return this.side.record(
      `update ${name} ${id}`,
      this.calls.update(this.id, { name, args, id: `${name}-${id}` }),
    );
  }

  /** Sends an update that the workflow answers later. */
  accepted(name: string, args: unknown[], id: string): { accepted: Promise<void>; answer: Promise<unknown> } {
    const { reached, answer } = this.send(name, args, id, 'accepted');
    return { accepted: reached, answer };
  }

  /** Sends an update while no worker runs. */
  admitted(name: string, args: unknown[], id: string): { admitted: Promise<void>; answer: Promise<unknown> } {
    const { reached, answer } = this.send(name, args, id, 'admitted');
    return { admitted: reached, answer };
  }

  private send(name: string, args: unknown[], id: string, until: 'admitted' | 'accepted'): SentUpdate {
    const sent = this.calls.send(this.id, { name, args, id: `${name}-${id}` }, until);
    return { ...sent, answer: this.side.record(`update ${name} ${id}`, sent.answer) };
  }

  /** A command of an operator. */
  command(name: string, command: object = {}, id = 'only'): Promise<unknown> {
    return this.update(name, [{ actor: 'ben', reason: 'for the record', ...command }], id);
  }

  cancel(): Promise<unknown> {
    return this.side.record('cancel', this.calls.cancel(this.id));
  }

  terminate(reason: string): Promise<unknown> {
    return this.side.record('terminate', this.calls.terminate(this.id, reason));
  }

  result(): Promise<unknown> {
    return this.side.record('result', this.calls.result(this.id));
  }

  /** Waits until the condition holds and the workflow rests. */
  async until(holds: (status: RolloutStatus) => boolean): Promise<void> {
    let status: RolloutStatus | null = null;
    await this.side.until(
      async () => holds((status = (await this.calls.query(this.id, 'status', [])) as RolloutStatus)),
      () => JSON.stringify(status),
    );
    await this.side.rest();
  }

  untilWaves(holds: (status: WavesStatus) => boolean): Promise<void> {
    return this.until((status) => holds(status as unknown as WavesStatus));
  }

  phase(phase: RolloutStatus['phase']): Promise<void> {
    return this.until((status) => status.phase === phase);
  }
}
