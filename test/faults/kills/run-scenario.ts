/** Runs one rollout of a scenario, whose worker a test kills. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SpecJson } from '../../../src/client.js';
import { startOptionsOf } from '../../../src/client/start-options.js';
import { rolloutSummaryOf } from '../../../src/client/rollouts/rollout-summary.js';
import type { Outcome, Phase } from '../../../src/plan/outcome.js';
import { rolloutIdOf } from '../../../src/plan/compile/rollout-id.js';
import { workflowType } from '../../../src/workflows/messages.js';
import { RolloutUnderTest, type Ended } from '../../e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { eventually } from '../../support/dev-server.js';
import { assertReplays } from '../../support/replay.js';
import { readAccount } from './account-state.js';
import { describeEffect, effectsOn } from './effects.js';
import { waitForEvent } from './history.js';
import { ignoreNoWorker, type WorkerKillEnvironment } from './worker-kill-environment.js';

export interface Scenario {
  name: string;
  outcome: Outcome;
  /** Creates everything that exists before the rollout. */
  prepare(environment: E2eEnvironment, endpoint: string): Promise<unknown>;
  spec(endpoint: string): SpecJson;
  /** Durations of the emulator in seconds; default: those of the environment. */
  durations?: { training: number };
  /** External events during the rollout. They must not need a worker. */
  meanwhile?(run: ScenarioRun): Promise<void>;
  /** Number of calls with an effect, by operation. */
  effects: Record<string, number>;
  /** Minimum number of events in the history. */
  events: number;
}

/** The results that must be the same, however often a worker is killed. */
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

const pollMs = 100;

export class ScenarioRun {
  private constructor(
    readonly scenario: Scenario,
    readonly environment: E2eEnvironment,
    readonly rollout: RolloutUnderTest,
    private readonly run: { workflowId: string; runId: string },
    /** Number of effects of the preparation. */
    private readonly effectsBefore: number,
  ) {}

  /** Returns a function that starts the rollout. No other endpoint's name may begin with `endpoint`. */
  static async prepare(
    scenario: Scenario,
    { e2e, taskQueue }: WorkerKillEnvironment,
    endpoint: string,
  ): Promise<() => Promise<ScenarioRun>> {
    await scenario.prepare(e2e, endpoint);
    const effectsBefore = effectsOn(e2e.emulator, endpoint).length;
    return async () => {
      const options = startOptionsOf(scenario.spec(endpoint), { startedBy: 'ana', taskQueue });
      const { workflowId, firstExecutionRunId } = await e2e.temporal.workflow.start(workflowType, options);
      const run = { workflowId, runId: firstExecutionRunId };
      return new ScenarioRun(
        scenario,
        e2e,
        new RolloutUnderTest(e2e, endpoint, rolloutIdOf(endpoint, run)),
        run,
        effectsBefore,
      );
    };
  }

  get endpoint(): string {
    return this.rollout.endpoint;
  }

  /** Reads visibility, because there may be no worker for a query. */
  until = async (condition: (seen: Seen) => boolean): Promise<void> => {
    for (;;) {
      const { phase, candidateWeight, execution } = rolloutSummaryOf(await this.handle().describe());
      if (condition({ phase: phase as Phase | null, share: candidateWeight })) return;
      if (execution !== 'running') throw new Error(`${this.endpoint} has ended too early`);
      await delay(pollMs);
    }
  };

  signal = (name: string, argument: object): Promise<void> => this.handle().signal(name, argument);

  effects = (): string[] =>
    effectsOn(this.environment.emulator, this.endpoint)
      .slice(this.effectsBefore)
      .map((effect) => describeEffect(effect, this.rollout));

  /** Resolves when the history has `number` events, or the rollout has ended. */
  waitForEvent(number: number): Promise<number> {
    return waitForEvent(this.environment.temporal, this.run, ({ eventId }) => Number(eventId) >= number);
  }

  /** Resolves when the rollout has started a timer. */
  waitForTimer(): Promise<number> {
    return waitForEvent(this.environment.temporal, this.run, ({ timerStartedEventAttributes }) =>
      Boolean(timerStartedEventAttributes),
    );
  }

  /** Waits for the end of the rollout, and returns its record. */
  async finish(): Promise<RunRecord> {
    const [ended] = await Promise.all([this.end(), this.scenario.meanwhile?.(this)]);
    const { result, phases, shares, commands } = ended;
    const { outcome, reason, serving, leftovers } = result;
    return {
      outcome,
      reason: this.normalize(reason),
      serving: serving && this.normalize(serving),
      leftovers,
      phases,
      shares,
      commands: commands.map(({ command, accepted }) => `${command}: ${accepted}`),
      effects: this.effects().sort(),
      account: await readAccount(this.environment.sagemaker, this.rollout),
    };
  }

  /** A starting worker may take longer to respond than its client waits. The history must replay on any other worker. */
  private async end(): Promise<Ended> {
    const { rollouts } = this.environment;
    await rollouts.wait(this.endpoint);
    await eventually(() => rollouts.timeline(this.endpoint).catch(ignoreNoWorker));
    await assertReplays(this.handle());
    return this.rollout.expectOutcome(this.scenario.outcome);
  }

  /** Replaces numbers, and names that differ between runs, by fixed words. */
  private normalize(text: string): string {
    const { rolloutId } = this.rollout;
    return text
      .replaceAll(rolloutId, 'ID')
      .replaceAll(this.endpoint, 'ENDPOINT')
      .replaceAll(/\d+(\.\d+)?/g, 'N');
  }

  private handle() {
    return this.environment.temporal.workflow.getHandle(this.run.workflowId, this.run.runId);
  }
}
