/** Records each invocation and its outcome. */
import { createHash } from 'node:crypto';
import type { ArmMetrics, CountedUser, OutcomePlace } from './arm-metrics.js';
import {
  isCounted,
  isForced,
  type ExposureArm,
  type Exposure,
  type UserOutcome,
} from '../assignment/exposure.js';
import { readJournal, type Journal } from './jsonl-writer.js';
import type { OutcomeJoin } from './outcome-join.js';
import { totalsBucketOf } from './user-totals.js';

export type UserIdForm = 'hash' | 'plain' | 'none';

export type OutcomeResult = 'unknown' | 'alreadyCounted' | 'counted' | 'notCounted';

/** A line of the journal. */
export type RecordLine =
  | ({
      kind: 'exposure';
      at: string;
      user: string | null;
      /** The bucket of the user's totals, 0 to 9,999. Null: no user. */
      bucket: number | null;
      forced: boolean;
      counted: boolean;
    } & Omit<Exposure, 'atMs' | 'user'>)
  | ({ kind: 'outcome'; at: string } & ExposureArm & UserOutcome);

export interface RecordParts {
  userId: UserIdForm;
  journal: Journal;
  metrics: ArmMetrics;
  outcomes: OutcomeJoin;
}

export class RecordKeeper {
  constructor(private readonly parts: RecordParts) {}

  expose(exposure: Exposure): void {
    const { metrics, outcomes, journal } = this.parts;
    const arm = armOf(exposure);
    const { atMs, user, ...rest } = exposure;
    const key = user === null ? null : keyOf(user);
    const bucket = key === null ? null : totalsBucketOf(key);
    const counted = isCounted(exposure);
    if (arm !== null) {
      const place = counted ? count(metrics, arm, exposure, { key, bucket }) : null;
      outcomes.remember(exposure.inferenceId, arm, atMs, place);
    }
    journal.append({
      kind: 'exposure',
      at: new Date(atMs).toISOString(),
      user: this.formatUser(user, key),
      bucket,
      forced: isForced(exposure),
      counted,
      ...rest,
    } satisfies RecordLine);
  }

  /** Rejects if the outcome cannot be written, because it could then count twice after a restart. */
  async recordOutcome(outcome: UserOutcome, nowMs: number): Promise<OutcomeResult> {
    const { metrics, outcomes, journal } = this.parts;
    const joined = outcomes.join(outcome.inferenceId, nowMs);
    if (joined.kind !== 'joined') return joined.kind;
    const at = new Date(nowMs).toISOString();
    journal.append({ kind: 'outcome', at, ...joined.arm, ...outcome } satisfies RecordLine);
    await journal.flush().catch((error: unknown) => {
      outcomes.release(outcome.inferenceId);
      throw error;
    });
    if (joined.place === null) return 'notCounted';
    metrics.addOutcome(joined.arm, outcome, joined.place);
    return 'counted';
  }

  private formatUser(user: string | null, key: string | null): string | null {
    const { userId } = this.parts;
    if (userId === 'none') return null;
    return userId === 'plain' ? user : key;
  }
}

/** The hash identifies a user in the journal of `hash`, and in memory in any form. */
function keyOf(user: string): string {
  return createHash('sha256').update(user).digest('hex').slice(0, 32);
}

function count(
  metrics: ArmMetrics,
  arm: ExposureArm,
  { split, hasFailed, latencyMs }: Pick<Exposure, 'split' | 'hasFailed' | 'latencyMs'>,
  { key, bucket }: { key: string | null; bucket: number | null },
): OutcomePlace | null {
  if (split === null || bucket === null) return null;
  const user: CountedUser = { key, bucket };
  return metrics.exposed(arm, { split, hasFailed, latencyMs }, user);
}

/**
 * Counts again what an earlier process recorded, so that users who return add to their own totals. The sums of the
 * earlier process are published already.
 */
export async function restoreRecords(
  file: string,
  { userId, metrics, outcomes }: Omit<RecordParts, 'journal'>,
): Promise<void> {
  for await (const line of readJournal(file)) {
    const record = line as Partial<RecordLine>;
    const { inferenceId } = record;
    const atMs = Date.parse(record.at ?? '');
    if (typeof inferenceId !== 'string' || Number.isNaN(atMs)) continue;
    if (record.kind === 'outcome') {
      const joined = outcomes.join(inferenceId, atMs);
      if (joined.kind !== 'joined' || joined.place === null) continue;
      metrics.addOutcome(joined.arm, { conversion: false, value: 0, ...record }, joined.place);
    }
    if (record.kind !== 'exposure') continue;
    const { endpoint = '', rolloutId = null, role = 'baseline', counted = false } = record;
    const { user = null, bucket = null, split = null, hasFailed = false, latencyMs = 0 } = record;
    const arm = armOf({ endpoint, rolloutId, role });
    if (arm === null) continue;
    const key = user !== null && userId === 'plain' ? keyOf(user) : user;
    const place = counted ? count(metrics, arm, { split, hasFailed, latencyMs }, { key, bucket }) : null;
    outcomes.remember(inferenceId, arm, atMs, place);
  }
  metrics.take(new Date());
}

function armOf({
  endpoint,
  rolloutId,
  role,
}: Pick<Exposure, 'endpoint' | 'rolloutId' | 'role'>): ExposureArm | null {
  return rolloutId === null ? null : { endpoint, rolloutId, role };
}
