/** Plays a scenario to its end, with real workflows and activities. */
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { WorkflowSandbox } from '../../../../src/simulation/temporal/sdk.js';
import { Simulation } from '../../../../src/simulation/simulation.js';
import { decode, decodeFailure } from '../../../../src/simulation/temporal/payloads.js';
import {
  resultInFailure,
  type RolloutResult,
  type RolloutStatus,
  type TimelineEntry,
} from '../../../../src/workflows/messages.js';
import { readSnapshot } from '../../../faults/aws/snapshot.js';
import { ServiceError } from '../../../../src/emulator/http/service-error.js';
import { setAlarmState } from '../../../support/settable-alarm.js';
import {
  endpoint,
  judgeUrl,
  models,
  pollSeconds,
  type ArmModel,
  type GateAnswer,
  type Happening,
  type Scenario,
} from '../scenario.js';
import { People } from './people.js';
import type { Record, Span } from './record.js';
import { Recorder } from './recorder.js';
import { WorkerFaults } from './worker-faults.js';
import { WorkerLives } from './worker-lives.js';
import { readKept } from './kept.js';
import { snapshotOfPair, withoutOthers } from './others.js';
import { accountOptionsOf, behavioursOf, createWorld, openElsewhere } from './world.js';

const workflowId = `rollout:${endpoint}`;
const minuteMs = 60_000;
/** After the last event, a rollout that waits for nothing has ended by then. */
export const horizonMs = 4 * 60 * minuteMs;
/** A rollback has twice its limit, of at most two hours, and fails then. */
export const abortMs = 5 * 60 * minuteMs;
const afterEndMs = 10 * minuteMs;
/** Longer than windows and their data take. */
const stepMs = 15 * minuteMs;

const env = {
  GATE_URL: 'https://ci.example.com/gate',
  JUDGE_URL: judgeUrl,
  GATE_SECRET: 'a-secret-of-the-gate',
  SLACK_URL: 'https://slack.example.com/services/rollouts',
  HOOK_URL: 'https://hooks.example.com/rollouts',
};

export async function play(scenario: Scenario, sandbox: WorkflowSandbox): Promise<Record> {
  const player = new Player(scenario);
  const simulation = await Simulation.open({
    ...{ sandbox, env, pollSeconds },
    seed: scenario.seed,
    account: accountOptionsOf(scenario),
    network: {
      latencyMs: scenario.account.latencyMs,
      before: (call) => player.beforeCall(call),
      after: (call) => player.afterCall(call),
    },
    // Activities post to the text of an address.
    fetch: (url) => player.answerWebhook(url as string),
  });
  try {
    return await player.play(simulation);
  } finally {
    await simulation.close();
  }
}

class Player {
  private simulation!: Simulation;
  private faults: WorkerFaults | null = null;
  private lives!: WorkerLives;
  private people!: People;
  private recorder: Recorder | null = null;
  private gateAnswer: GateAnswer = 'yes';
  private readonly done: Record['done'] = [];
  private readonly withoutMetrics: Span[] = [];

  constructor(private readonly scenario: Scenario) {}

  beforeCall(call: { operation: string }): void {
    this.faults?.before(call);
  }

  afterCall(call: { operation: string }): void {
    this.recorder?.sampleSoon();
    this.faults?.after(call);
  }

  answerWebhook(url: string): Promise<Response> {
    if (url === env.JUDGE_URL) return Promise.resolve(Response.json({ answer: 'yes' }));
    if (url !== env.GATE_URL) return Promise.resolve(new Response('ok'));
    switch (this.gateAnswer) {
      case 'error':
        return Promise.resolve(new Response('broken', { status: 503 }));
      case 'silence':
        return new Promise(() => undefined);
      case 'yes':
      case 'no':
      case 'not yet':
        return Promise.resolve(Response.json({ answer: this.gateAnswer }));
    }
  }

  async play(simulation: Simulation): Promise<Record> {
    const { scenario } = this;
    const { temporal, emulator } = simulation;
    this.simulation = simulation;
    await createWorld(simulation, scenario.account);
    this.lives = new WorkerLives(temporal);
    this.people = new People(simulation, workflowId, scenario.account);
    const elsewhere = await openElsewhere(simulation);
    this.faults = new WorkerFaults(simulation, elsewhere, (seconds) => this.lives.kill(seconds));
    const keptBefore = await readKept(simulation.aws, scenario.account);
    const startMs = temporal.clock.nowMs;
    const callsBefore = new Set(emulator.calls);
    simulation.startRollout(scenario.spec, 'ada');
    this.recorder = new Recorder(simulation, workflowId, scenario.account);
    this.recorder.begin();
    await this.haveEvents(startMs);
    await this.restore();
    const atHorizon = await this.waitForEnd();
    const endedMs = this.hasEnded ? this.endMs() : null;

    await temporal.skip(afterEndMs);
    await this.waitForWorker();
    await this.recorder.sample();
    this.recorder.end();
    await emulator.cause({ event: 'staleReads', ms: 0 });
    // Before the snapshot's own reads, which are no calls of the rollout. Their client has the real clock.
    const calls = [...emulator.calls].filter((call) => !callsBefore.has(call));
    const snapshot = await readSnapshot(simulation.aws.sagemaker, endpoint, {});
    const atEnd = snapshotOfPair(snapshot, scenario.account);
    const keptAfter = await readKept(simulation.aws, scenario.account);
    const ending = await this.readEnding();

    return {
      ...{ scenario, startMs, endedMs, calls, atHorizon, atEnd, ...ending },
      ...{ keptBefore, keptAfter },
      ...{ foreign: this.people.foreign, given: this.people.given, samples: this.recorder.samples },
      ...{
        done: this.done,
        hits: this.faults.hits,
        down: this.lives.down,
        withoutMetrics: this.withoutMetrics,
      },
    };
  }

  private get run() {
    return this.simulation.temporal.latest(workflowId);
  }

  private get hasEnded(): boolean {
    return this.run.end !== null;
  }

  private endMs(): number {
    return tsToMs(this.run.history.events.at(-1)?.eventTime);
  }

  /** Stops some minutes after the end of the rollout: later events have no effect on it. */
  private async haveEvents(startMs: number): Promise<void> {
    const { temporal } = this.simulation;
    for (const { atSeconds, ...happening } of this.scenario.events) {
      while (temporal.clock.nowMs < startMs + atSeconds * 1000 && !this.hasEnded)
        await temporal.skip(Math.min(minuteMs, startMs + atSeconds * 1000 - temporal.clock.nowMs));
      if (this.hasEnded) return;
      // Before the rollout's first call, which can take no time.
      if (atSeconds > 0) await temporal.settle();
      const atMs = temporal.clock.nowMs;
      if (await this.happens(happening)) this.done.push({ atMs, happening });
    }
  }

  /** False: it had no effect. */
  private async happens(happening: Happening): Promise<boolean> {
    const { simulation, people, faults, recorder } = this;
    const { emulator, temporal, aws } = simulation;
    switch (happening.kind) {
      case 'fault':
      case 'serviceAway':
      case 'wrongAccount':
      case 'workerDiesInCall':
        faults?.add(happening);
        return true;
      case 'metricsAway':
        await emulator.setMetricsOutage(happening.outage);
        this.later(happening.forSeconds, () => emulator.setMetricsOutage(null), this.withoutMetrics);
        return true;
      case 'metricsPartial':
        await emulator.setPartialMetrics({ share: happening.share, restAfterMs: 90_000 });
        this.later(happening.forSeconds, () => emulator.setPartialMetrics(null), this.withoutMetrics);
        return true;
      case 'metricsWithheld': {
        const found = await this.find(happening.model);
        if (found === null) return false;
        await emulator.withholdMetrics(found.endpoint, found.variant, true);
        const publish = () => emulator.withholdMetrics(found.endpoint, found.variant, false);
        this.later(happening.forSeconds, publish, happening.model === 'candidate' ? this.withoutMetrics : []);
        return true;
      }
      case 'alarm':
        await setAlarmState(aws.cloudwatch, happening.alarm, happening.state);
        return true;
      case 'behaviour':
        for (const each of behavioursOf(happening.model, happening.behaviour))
          await emulator.setBehaviour(each);
        return true;
      case 'traffic':
        await recorder?.setTraffic(happening.requestsPerSecond);
        return true;
      case 'maintenance':
        return this.tryTo(() =>
          emulator.cause({ event: 'systemUpdate', endpoint, seconds: happening.forSeconds }),
        );
      case 'loseInstances': {
        const found = await this.find(happening.model);
        if (found === null) return false;
        return this.tryTo(() =>
          emulator.cause({ event: 'loseInstances', ...found, count: happening.count, seconds: 120 }),
        );
      }
      case 'capacity':
        await emulator.cause({
          event: 'capacity',
          instanceType: 'ml.m5.large',
          instances: happening.instances,
        });
        return true;
      case 'external':
        return people.change(happening.change);
      case 'command':
        return people.give(happening.command, happening.actor);
      case 'workerDown':
        this.lives.kill(happening.forSeconds);
        return true;
      case 'clockSkew':
        temporal.worker.process.skewMs = happening.skewSeconds * 1000;
        return true;
      case 'gateAnswer':
        this.gateAnswer = happening.answer;
        return true;
    }
  }

  private later(forSeconds: number, work: () => Promise<void>, spans: Span[]): void {
    const { clock } = this.simulation.temporal;
    const toMs = clock.nowMs + forSeconds * 1000;
    spans.push({ fromMs: clock.nowMs, toMs });
    clock.at(toMs, work);
  }

  /** An event that AWS rejects has no effect. */
  private async tryTo(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  /** The endpoint and the variant that serve the model. Null: none does. */
  private async find(model: ArmModel): Promise<{ endpoint: string; variant: string } | null> {
    for (const name of this.endpointNames()) {
      const observed = await this.simulation.emulator.observe(name);
      const pair = observed && withoutOthers(observed, this.scenario.account);
      const variant = pair?.variants.find((each) => each.model === models[model]);
      if (variant) return { endpoint: name, variant: variant.name };
    }
    return null;
  }

  private endpointNames(): string[] {
    const created = this.simulation.emulator.calls.of('CreateEndpoint');
    return [...new Set(created.map(({ parameters }) => String(parameters.EndpointName)))];
  }

  /** From now on AWS works, except for single calls, and there is a worker. */
  private async restore(): Promise<void> {
    const { emulator } = this.simulation;
    await this.waitForWorker();
    this.faults?.calm();
    await emulator.setMetricsOutage(null);
    await emulator.setPartialMetrics(null);
    await emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: null });
  }

  /** A rollout that waits for something is aborted. Returns its status before. */
  private async waitForEnd(): Promise<RolloutStatus | null> {
    const { temporal } = this.simulation;
    const limitMs = temporal.clock.nowMs + horizonMs;
    let status: RolloutStatus | null = null;
    while (!this.hasEnded) {
      await this.skipUntilEnd(temporal.clock.nowMs + stepMs);
      if (this.hasEnded) break;
      await this.waitForWorker();
      await temporal.settle();
      if (this.hasEnded) break;
      status = decode(await this.run.query('status', [])) as RolloutStatus;
      const isWaiting = status.hold !== null || status.gate !== null || status.paused;
      if (!isWaiting && temporal.clock.nowMs < limitMs) continue;
      this.people.give('abort', 'the operator at the end');
      await this.skipUntilEnd(temporal.clock.nowMs + abortMs);
      return status;
    }
    return null;
  }

  /** Queries need one. */
  private async waitForWorker(): Promise<void> {
    const { temporal } = this.simulation;
    await temporal.skip(Math.max(0, this.lives.upMs - temporal.clock.nowMs));
  }

  private async skipUntilEnd(untilMs: number): Promise<void> {
    const { temporal } = this.simulation;
    while (!this.hasEnded && temporal.clock.nowMs < untilMs)
      await temporal.skip(Math.min(minuteMs, untilMs - temporal.clock.nowMs));
  }

  private async readEnding(): Promise<Pick<Record, 'result' | 'failure' | 'timeline' | 'replayProblem'>> {
    const { run } = this;
    const { end } = run;
    let replayProblem: string | null = null;
    try {
      await run.replay();
    } catch (error) {
      replayProblem = `the history does not replay: ${String(error)}`;
    }
    const timeline =
      replayProblem === null ? (decode(await run.query('timeline', [])) as TimelineEntry[]) : [];
    const failure = end?.kind === 'failed' ? decodeFailure(end.failure) : null;
    return {
      ...{ replayProblem, timeline },
      result: end?.kind === 'completed' ? (decode(end.result) as RolloutResult) : resultInFailure(failure),
      failure: failure !== null && resultInFailure(failure) === null ? String(failure) : null,
    };
  }
}
