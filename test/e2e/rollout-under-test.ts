import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { LiveStatus, RolloutClient, RolloutResult, TimelineEntry } from '../../src/client.js';
import type { Outcome, Phase } from '../../src/plan/outcome.js';
import { resourceNamesOf, type Names } from '../../src/plan/compiled/names.js';
import { readServed, type Served } from './aws-account.js';

const pollMs = 300;
const timeoutMs = 400_000;

/** A rollout of one endpoint, seen from outside: through RolloutClient, and through the final state of AWS. */
export class RolloutUnderTest {
  readonly names: Names;

  constructor(
    private readonly environment: { rollouts: RolloutClient; sagemaker: SageMakerClient },
    readonly endpoint: string,
    readonly rolloutId: string,
  ) {
    this.names = resourceNamesOf(rolloutId);
  }

  async until(condition: (status: LiveStatus) => boolean): Promise<LiveStatus> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const status = await this.environment.rollouts.get(this.endpoint);
      if (condition(status)) return status;
      if (Date.now() > deadline || status.phase === 'ended')
        throw new Error(`${this.endpoint} never met the condition: ${JSON.stringify(status, null, 1)}`);
      await delay(pollMs);
    }
  }

  phase(phase: Phase): Promise<LiveStatus> {
    return this.until((status) => status.phase === phase);
  }

  /** Waits for the end, which must have this outcome and no leftovers. */
  async expectOutcome(outcome: Outcome): Promise<Ended> {
    const result = await this.environment.rollouts.wait(this.endpoint);
    const timeline = await this.environment.rollouts.timeline(this.endpoint);
    const messages = timeline.map(({ message }) => message).join('\n');
    assert.equal(result.outcome, outcome, messages);
    // A failed rollback may leave resources that serve users. Its own tests check them.
    if (outcome !== 'rollbackFailed') assert.deepEqual(result.leftovers, []);
    assert.equal(timeline.at(-1)?.message, `${outcome}: ${result.reason}`);
    return new Ended(result, timeline, messages);
  }

  /** The endpoint's config and variants, and which configs of the endpoint and of the rollout exist. */
  served(): Promise<Served> {
    const { sideBySideConfig, singleConfig } = this.names;
    const configs = [
      sideBySideConfig,
      singleConfig.baseline,
      singleConfig.candidate,
      `${this.endpoint}-original`,
    ];
    return readServed(this.environment.sagemaker, this.endpoint, configs);
  }

  /**
   * Only the candidate serves, under the name of the variant that served before, on as many instances as the baseline had. Only its
   * own config and `kept` exist.
   */
  async assertPromoted({
    model,
    count,
    kept,
    variant = 'AllTraffic',
  }: {
    model: string;
    count: number;
    kept: string[];
    variant?: string;
  }): Promise<void> {
    const config = this.names.singleConfig.candidate;
    assert.deepEqual(await this.served(), {
      status: 'InService',
      config,
      variants: [{ name: variant, model, share: 100, count }],
      configs: [config, ...kept].sort(),
    });
  }

  /** Only the candidate NAME-2 serves on an endpoint that was live before. */
  assertReplaced(): Promise<void> {
    const { endpoint } = this;
    return this.assertPromoted({ model: `${endpoint}-2`, count: 2, kept: [`${endpoint}-original`] });
  }

  /** The live endpoint is as it was before the rollout. */
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
    /** The timeline's messages, one a line. */
    readonly messages: string,
  ) {}

  get phases(): Phase[] {
    return this.timeline.flatMap((entry) => (entry.kind === 'phase' ? [entry.phase] : []));
  }

  /** The candidate's shares, as the rollout requested them. */
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
    return this.messages.includes('holding: ');
  }
}

export function bothJobsRun({ jobs }: LiveStatus): boolean {
  return jobs.length === 2 && jobs.every(({ message }) => /InProgress/.test(message));
}
