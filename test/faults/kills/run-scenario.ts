/** One rollout of a story, whose worker a test kills. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SpecJson } from '../../../src/client.js';
import { startOptionsOf } from '../../../src/client/start-options.js';
import { rolloutSummaryOf } from '../../../src/client/rollouts/rollout-summary.js';
import type { Outcome, Phase } from '../../../src/plan/outcome.js';
import { rolloutIdOf } from '../../../src/plan/compile/rollout-id.js';
import { workflowType } from '../../../src/workflows/messages.js';
import { Running, type Ended } from '../../e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { eventually } from '../../support/dev-server.js';
import { assertReplays } from '../../support/replay.js';
import { readAccount } from './account-state.js';
import { describeEffect, effectsOn } from './effects.js';
import { untilEvent } from './history.js';
import { ignoreNoWorker, type WorkerKillEnvironment } from './worker-kill-environment.js';

export interface Scenario {
  name: string;
  outcome: Outcome;
  /** What there is before. */
  prepare(stage: E2eEnvironment, endpoint: string): Promise<unknown>;
  spec(endpoint: string): SpecJson;
  /** Of the emulator, where they are not the usual ones. Seconds. */
  durations?: { training: number };
  /** What happens to it from outside. It must not need a worker. */
  meanwhile?(play: Play): Promise<void>;
  /** Calls with an effect, each as often as the rollout makes it. */
  effects: Record<string, number>;
  /** Its history has at least so many events. */
  events: number;
}

/** What must be the same, however often a worker was killed. */
export interface RunRecord {
  outcome: string;
  reason: string;
  serving: string | null;
  leftovers: string[];
  phases: string[];
  shares: (number | undefined)[];
  commands: string[];
  effects: string[];
  account: string[];
}

interface Seen {
  phase: Phase | null;
  share: number | null;
}

const lookMs = 100;

export class Play {
  private constructor(
    readonly story: Scenario,
    readonly stage: E2eEnvironment,
    readonly rollout: Running,
    private readonly run: { workflowId: string; runId: string },
    /** What the preparations did. */
    private readonly effectsBefore: number,
  ) {}

  /** Returns how to start it. `endpoint`: no other one's name begins with it. */
  static async prepare(
    story: Scenario,
    { stage, taskQueue }: WorkerKillEnvironment,
    endpoint: string,
  ): Promise<() => Promise<Play>> {
    await story.prepare(stage, endpoint);
    const effectsBefore = effectsOn(stage.emulator, endpoint).length;
    return async () => {
      const options = { ...startOptionsOf(story.spec(endpoint), 'ana'), taskQueue };
      const { workflowId, firstExecutionRunId } = await stage.temporal.workflow.start(workflowType, options);
      const run = { workflowId, runId: firstExecutionRunId };
      return new Play(
        story,
        stage,
        new Running(stage, endpoint, rolloutIdOf(endpoint, run)),
        run,
        effectsBefore,
      );
    };
  }

  get endpoint(): string {
    return this.rollout.endpoint;
  }

  /** As visibility has it: there may be no worker to ask. */
  until = async (what: (seen: Seen) => boolean): Promise<void> => {
    for (;;) {
      const { phase, candidateWeight, execution } = rolloutSummaryOf(await this.handle().describe());
      if (what({ phase: phase as Phase | null, share: candidateWeight })) return;
      if (execution !== 'running') throw new Error(`${this.endpoint} has ended too early`);
      await delay(lookMs);
    }
  };

  signal = (name: string, argument: object): Promise<void> => this.handle().signal(name, argument);

  effects = (): string[] =>
    effectsOn(this.stage.emulator, this.endpoint)
      .slice(this.effectsBefore)
      .map((effect) => describeEffect(effect, this.rollout));

  /** Resolves as soon as the history has so many events, or the rollout has ended. */
  untilEvent(number: number): Promise<number> {
    return untilEvent(this.stage.temporal, this.run, ({ eventId }) => Number(eventId) >= number);
  }

  /** Resolves as soon as it waits for some time to pass. */
  untilTimer(): Promise<number> {
    return untilEvent(this.stage.temporal, this.run, ({ timerStartedEventAttributes }) =>
      Boolean(timerStartedEventAttributes),
    );
  }

  /** Plays the story to its end. */
  async course(): Promise<RunRecord> {
    const [ended] = await Promise.all([this.end(), this.story.meanwhile?.(this)]);
    const { result, phases, shares, commands } = ended;
    const { outcome, reason, serving, leftovers } = result;
    return {
      outcome,
      reason: this.plain(reason),
      serving: serving && this.plain(serving),
      leftovers,
      phases,
      shares,
      commands: commands.map(({ command, accepted }) => `${command}: ${accepted}`),
      effects: this.effects().sort(),
      account: await readAccount(this.stage.sagemaker, this.rollout),
    };
  }

  /** A worker that is just starting may take longer to answer than its client waits. Any other could go on with it, too. */
  private async end(): Promise<Ended> {
    const { rollouts } = this.stage;
    await rollouts.wait(this.endpoint);
    await eventually(() => rollouts.timeline(this.endpoint).catch(ignoreNoWorker));
    await assertReplays(this.handle());
    return this.rollout.expectOutcome(this.story.outcome);
  }

  /** Names that differ from run to run become words, and so do numbers. */
  private plain(text: string): string {
    const { rolloutId } = this.rollout;
    return text
      .replaceAll(rolloutId, 'ID')
      .replaceAll(this.endpoint, 'ENDPOINT')
      .replaceAll(/\d+(\.\d+)?/g, 'N');
  }

  private handle() {
    return this.stage.temporal.workflow.getHandle(this.run.workflowId, this.run.runId);
  }
}
