/** Reads the splits that rollouts publish in their memos. Needs only the server, no worker. */
import type { Client } from '@temporalio/client';
import { splitMemoKey, type Split } from '../plan/split/split.js';
import { openLazyClient, type ConnectOptions } from './temporal/connection.js';
import { RolloutNotFound } from './errors.js';
import { TemporalAccess } from './temporal/temporal-access.js';

/** Time limit of one read. A switch polls every second, and treats a slower response as an outage. */
const answerSeconds = 2;

export class TemporalSplitSource {
  private readonly access: TemporalAccess;

  constructor(private readonly client: Client) {
    this.access = new TemporalAccess(client, answerSeconds);
  }

  /** Temporal may still be unavailable. Fails: InvalidConnectionSettings. */
  static open(options: ConnectOptions = {}): TemporalSplitSource {
    return new TemporalSplitSource(openLazyClient(options));
  }

  /**
   * The last split of the endpoint's latest rollout, running or ended. Null if there is no rollout, or no split yet.
   * The caller validates the value. Fails: TemporalUnreachable, TemporalRejected.
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
