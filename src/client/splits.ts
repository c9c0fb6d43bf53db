/** The splits that rollouts publish in their memos: read from the server alone, so no worker need run. */
import type { Client } from '@temporalio/client';
import { splitMemoKey, type Split } from '../plan/split/split.js';
import { openLazyClient, type ConnectOptions } from './temporal/connection.js';
import { RolloutNotFound } from './errors.js';
import { TemporalAccess } from './temporal/temporal-access.js';

/** A switch asks again every second; what takes longer than this is as good as an outage. */
const answerSeconds = 2;

export class TemporalSplitSource {
  private readonly access: TemporalAccess;

  constructor(private readonly client: Client) {
    this.access = new TemporalAccess(client, answerSeconds);
  }

  /** Temporal need not be there yet. Fails: InvalidConnectionSettings. */
  static open(options: ConnectOptions = {}): TemporalSplitSource {
    return new TemporalSplitSource(openLazyClient(options));
  }

  /**
   * What the endpoint's latest rollout last published, ended or not; null where there was none, or it has not published
   * yet. As the memo has it: whoever follows it checks it. Fails: TemporalUnreachable, TemporalRejected.
   */
  async read(endpoint: string): Promise<Split | null> {
    try {
      const { memo } = await this.access.describe(endpoint);
      return (memo?.[splitMemoKey] as Split | undefined) ?? null;
    } catch (error) {
      if (error instanceof RolloutNotFound) return null;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.access.close();
    await this.client.connection.close();
  }
}
