import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { LiveStatus, RolloutClient, RolloutResult, TimelineEntry } from '../../src/client.js';
import type { Outcome, Phase } from '../../src/plan/outcome.js';
import { resourceNamesOf, type Names } from '../../src/plan/compiled/names.js';
import { readServed, type Served } from './aws-account.js';

const lookMs = 300;
const patienceMs = 400_000;

/** A rollout of one endpoint, from the outside: through RolloutClient, and what AWS has in the end. */
export class Running {
  readonly names: Names;

  constructor(
    private readonly stage: { rollouts: RolloutClient; sagemaker: SageMakerClient },
    readonly endpoint: string,
    readonly rolloutId: string,
  ) {
    this.names = resourceNamesOf(rolloutId);
  }

  async until(what: (status: LiveStatus) => boolean): Promise<LiveStatus> {
    const ends = Date.now() + patienceMs;
    for (;;) {
      const status = await this.stage.rollouts.get(this.endpoint);
      if (what(status)) return status;
      if (Date.now() > ends || status.phase === 'ended')
        throw new Error(`${this.endpoint} never came there: ${JSON.stringify(status, null, 1)}`);
      await delay(lookMs);
    }
  }

  phase(phase: Phase): Promise<LiveStatus> {
    return this.until((status) => status.phase === phase);
  }

  /** Waits for the end, which must have this outcome and nothing left over. */
  async expectOutcome(outcome: Outcome): Promise<Ended> {
    const result = await this.stage.rollouts.wait(this.endpoint);
    const timeline = await this.stage.rollouts.timeline(this.endpoint);
    const story = timeline.map(({ message }) => message).join('\n');
    assert.equal(result.outcome, outcome, story);
    // What a way back that failed has left, some of which may serve, its own tests look at.
    if (outcome !== 'rollbackFailed') assert.deepEqual(result.leftovers, []);
    assert.equal(timeline.at(-1)?.message, `${outcome}: ${result.reason}`);
    return new Ended(result, timeline, story);
  }

  /** What the endpoint is on, and which configs there are of its own and of the rollout's. */
  served(): Promise<Served> {
    const { sideBySideConfig, singleConfig } = this.names;
    const configs = [
      sideBySideConfig,
      singleConfig.baseline,
      singleConfig.candidate,
      `${this.endpoint}-original`,
    ];
    return readServed(this.stage.sagemaker, this.endpoint, configs);
  }

  /** The candidate alone, on as many instances as the baseline had; of the configs, `kept` and its own are left. */
  async assertPromoted({
    model,
    count,
    kept,
  }: {
    model: string;
    count: number;
    kept: string[];
  }): Promise<void> {
    const config = this.names.singleConfig.candidate;
    assert.deepEqual(await this.served(), {
      status: 'InService',
      config,
      variants: [{ name: this.names.variant.candidate, model, share: 100, count }],
      configs: [config, ...kept].sort(),
    });
  }

  /** The candidate NAME-2 alone on what was a live endpoint. */
  assertReplaced(): Promise<void> {
    const { endpoint } = this;
    return this.assertPromoted({ model: `${endpoint}-2`, count: 2, kept: [`${endpoint}-original`] });
  }

  /** A live endpoint as it was before. */
  async assertOriginal(): Promise<void> {
    const { endpoint } = this;
    assert.deepEqual(await this.served(), {
      status: 'InService',
      config: `${endpoint}-original`,
      variants: [{ name: 'AllTraffic', model: `${endpoint}-1`, share: 100, count: 2 }],
      configs: [`${endpoint}-original`],
    });
  }
}

export class Ended {
  constructor(
    readonly result: RolloutResult,
    readonly timeline: TimelineEntry[],
    /** The timeline's sentences, one a line. */
    readonly story: string,
  ) {}

  get phases(): Phase[] {
    return this.timeline.flatMap((entry) => (entry.kind === 'phase' ? [entry.phase] : []));
  }

  /** The candidate's shares as they were asked for. */
  get shares(): (number | undefined)[] {
    return this.timeline.flatMap((entry) => (entry.kind === 'weights' ? [entry.weights['candidate']] : []));
  }

  get commands(): { command: string; actor: string; accepted: boolean }[] {
    return this.timeline.flatMap((entry) => {
      if (entry.kind !== 'command') return [];
      const { command, actor, accepted } = entry;
      return [{ command, actor, accepted }];
    });
  }

  get isHeld(): boolean {
    return this.story.includes('holding: ');
  }
}

export function bothJobsRun({ jobs }: LiveStatus): boolean {
  return jobs.length === 2 && jobs.every(({ message }) => /InProgress/.test(message));
}
