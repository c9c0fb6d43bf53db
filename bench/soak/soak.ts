/** Runs all rollouts of the soak, some dozens in parallel, until they end or a violation is found. */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { taskQueue } from '../../src/workflows/messages.js';
import { Receiver } from '../../test/activities/webhooks/receiver.js';
import { E2eEnvironment } from '../../test/e2e/e2e-environment.js';
import { devServer, openNamespace } from '../../test/support/dev-server.js';
import { Dice, drawScenario } from './scenario.js';
import { findChangesAfter, findViolations, type Evidence } from './invariants.js';
import { describeCall, Journal } from './journal.js';
import { SoakRollout, type Ground } from './soak-rollout.js';
import { WorkerLives, type Sample } from './worker-lives.js';

export interface Settings {
  minutes: number;
  rollouts: number;
  seed: number;
}

export interface Soak {
  violations: string[];
  evidence: Evidence[];
  strategies: Map<string, number>;
  faults: Map<string, number>;
  done: Map<string, number>;
  kills: number;
  calls: number;
  asked: number;
  longestHistory: number;
  /** Memory samples of the last worker process, while rollouts began and ended. */
  samples: Sample[];
}

const maxParallel = 32;
/** Time that a rollout needs in addition to its bakes. */
const overheadSeconds = 25;
const maxShownCalls = 60;

/** Stops at the first violation. */
export async function soak(settings: Settings): Promise<Soak> {
  const temporal = await openNamespace('soak');
  const environment = await E2eEnvironment.forNamespace(temporal);
  const receiver = await Receiver.open();
  const { address } = await devServer();
  const { namespace } = temporal.options;
  const lives = await WorkerLives.begin({ address, namespace, taskQueue, aws: environment.emulator.env });
  const run = new Run(settings, environment, receiver, lives);
  try {
    return await run.toTheEnd();
  } finally {
    await lives.end();
    await environment.close();
    await receiver.close();
  }
}

class Run {
  private readonly endsMs: number;
  private readonly dice: Dice;
  private readonly journal: Journal;
  private readonly violations: string[] = [];
  private readonly evidence: Evidence[] = [];
  private readonly strategies = new Map<string, number>();
  private readonly done = new Map<string, number>();
  private readonly ground: Ground;
  private stop: () => void = () => undefined;
  /** Resolves at the first violation. */
  private readonly stopped = new Promise<void>((resolve) => (this.stop = resolve));
  private samples: Sample[] = [];
  private begun = 0;
  private asked = 0;
  private longestHistory = 0;
  private isOver = false;

  constructor(
    private readonly settings: Settings,
    private readonly environment: E2eEnvironment,
    receiver: Receiver,
    private readonly lives: WorkerLives,
  ) {
    this.endsMs = Date.now() + settings.minutes * 60_000;
    this.dice = new Dice(settings.seed);
    this.journal = new Journal(environment.emulator);
    const runtime = new SageMakerRuntimeClient(environment.emulator.awsConfig);
    const report = (endpoint: string, problem: string) => this.report(endpoint, problem);
    this.ground = { environment, runtime, receiver, journal: this.journal, done: this.done, report };
  }

  async toTheEnd(): Promise<Soak> {
    const lanes = Array.from({ length: this.parallel }, (_, lane) => this.runLane(lane));
    const background = Promise.all([this.killNowAndThen(), this.breakMetrics(), this.reportProgress()]);
    await Promise.race([Promise.all([...lanes, background]), this.stopped]);
    this.isOver = true;
    if (this.violations.length === 0) this.findLateChanges();
    await this.keepHistories();
    this.journal.close();
    this.ground.runtime.destroy();
    const { violations, evidence, strategies, done, asked, longestHistory, samples } = this;
    const { faults, calls } = this.journal;
    const { kills } = this.lives;
    return { violations, evidence, strategies, faults, done, kills, calls, asked, longestHistory, samples };
  }

  private get parallel(): number {
    return Math.max(1, Math.min(maxParallel, Math.ceil(this.settings.rollouts / 4)));
  }

  private async runLane(lane: number): Promise<void> {
    await delay((lane / this.parallel) * this.nextSeconds() * 1000);
    while (this.begun < this.settings.rollouts && Date.now() < this.endsMs && !this.isOver) {
      this.begun += 1;
      await this.runOne(this.begun);
    }
  }

  private async runOne(n: number): Promise<void> {
    const scenario = drawScenario(this.settings.seed, n, this.nextSeconds());
    const rollout = new SoakRollout(this.ground, scenario);
    try {
      const evidence = await rollout.play();
      this.evidence.push(evidence);
      this.strategies.set(scenario.strategy, (this.strategies.get(scenario.strategy) ?? 0) + 1);
      this.asked += rollout.asked;
      this.longestHistory = Math.max(this.longestHistory, rollout.historyEvents);
      for (const problem of findViolations(evidence)) this.report(scenario.endpoint, problem, evidence);
    } catch (error) {
      if (!this.isOver)
        this.report(scenario.endpoint, error instanceof Error ? `${error.stack}` : String(error));
    }
  }

  /** Length of the next rollout, so that all rollouts fit into the remaining time. */
  private nextSeconds(): number {
    const leftSeconds = (this.endsMs - Date.now()) / 1000;
    const rounds = Math.max(1, (this.settings.rollouts - this.begun) / this.parallel);
    return Math.min(400, Math.max(20, (0.9 * leftSeconds) / rounds - overheadSeconds));
  }

  /** Kills only in the first half, so that the last worker process runs for a long time. */
  private async killNowAndThen(): Promise<void> {
    const dice = new Dice(this.settings.seed + 1);
    const halfMs = this.endsMs - this.settings.minutes * 30_000;
    for (;;) {
      await this.wait(Math.max(20, dice.between(0.03, 0.08) * this.settings.minutes * 60));
      if (this.isOver || Date.now() > halfMs) return;
      await this.lives.kill(dice.between(0, 5));
    }
  }

  private async breakMetrics(): Promise<void> {
    const { emulator } = this.environment;
    while (!this.isOver && Date.now() < this.endsMs) {
      await this.wait(this.dice.between(20, 90));
      if (this.isOver) return;
      const kind = this.dice.pick(['error', 'partial', 'internalError'] as const);
      await emulator.setMetricsOutage(kind);
      await this.wait(this.dice.between(3, 12));
      await emulator.setMetricsOutage(null);
      const what = `metrics outage: ${kind}`;
      this.done.set(what, (this.done.get(what) ?? 0) + 1);
    }
  }

  /** Prints the progress every 30 s, and keeps the memory samples of the time in which rollouts begin and end. */
  private async reportProgress(): Promise<void> {
    while (!this.isOver && this.evidence.length < this.begun + (Date.now() < this.endsMs ? 1 : 0)) {
      await this.wait(30);
      if (Date.now() < this.endsMs) this.samples = [...this.lives.samples];
      const megabytes = Math.round(this.lives.samples.at(-1)?.megabytes ?? 0);
      console.log(
        `${new Date().toISOString().slice(11, 19)} ${this.begun} begun, ${this.evidence.length} ended, ` +
          `${this.lives.kills} kills, ${this.journal.calls} calls, worker ${megabytes} MB`,
      );
      if (this.begun >= this.settings.rollouts && this.evidence.length >= this.begun) return;
    }
  }

  private async wait(seconds: number): Promise<void> {
    await Promise.race([delay(seconds * 1000, undefined, { ref: false }), this.stopped]);
  }

  /** Saves the histories of rollouts with violations, because the server ends with this program. */
  private async keepHistories(): Promise<void> {
    for (const endpoint of new Set(this.violations.map((text) => text.slice(0, text.indexOf(':'))))) {
      const history = await this.environment.temporal.workflow
        .getHandle(`rollout:${endpoint}`)
        .fetchHistory();
      const file = join(tmpdir(), `${endpoint}-${this.settings.seed}.json`);
      await writeFile(file, historyToJSON(history));
      console.log(`the history of ${endpoint} is in ${file}`);
    }
  }

  private findLateChanges(): void {
    for (const evidence of this.evidence)
      for (const problem of findChangesAfter(evidence, this.journal.of(evidence.endpoint)))
        this.report(evidence.endpoint, problem, evidence);
  }

  private report(endpoint: string, problem: string, evidence?: Evidence): void {
    if (this.isOver && evidence === undefined) return;
    this.violations.push(`${endpoint}: ${problem}`);
    const calls = evidence?.calls ?? this.journal.of(endpoint);
    console.log(`VIOLATION, seed ${this.settings.seed}, ${endpoint}: ${problem}`);
    for (const call of calls.filter(({ operation }) => operation !== 'InvokeEndpoint').slice(-maxShownCalls))
      console.log(`  ${describeCall(call)}`);
    for (const { at, message } of evidence?.timeline ?? []) console.log(`  ${at} ${message}`);
    this.stop();
  }
}
