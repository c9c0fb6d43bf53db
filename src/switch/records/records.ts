/** Records each invocation and its outcome. */
import { createHash } from 'node:crypto';
import type { ArmMetrics } from './arm-metrics.js';
import {
  isCounted,
  isForced,
  type ExposureArm,
  type Exposure,
  type UserOutcome,
} from '../assignment/exposure.js';
import { readJournal, type Journal } from './jsonl-writer.js';
import type { OutcomeJoin } from './outcome-join.js';

export type UserIdForm = 'hash' | 'plain' | 'none';

export type OutcomeResult = 'unknown' | 'alreadyCounted' | 'counted' | 'notCounted';

/** A line of the journal. */
export type RecordLine =
  | ({ kind: 'exposure'; at: string; user: string | null; forced: boolean; counted: boolean } & Omit<
      Exposure,
      'atMs' | 'user'
    >)
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
    const counted = isCounted(exposure);
    const { metrics, outcomes, journal } = this.parts;
    const arm = armOf(exposure);
    if (arm !== null) {
      if (counted) metrics.exposed(arm, exposure);
      outcomes.remember(exposure.inferenceId, arm, exposure.atMs, counted);
    }
    const { atMs, user, ...rest } = exposure;
    journal.append({
      kind: 'exposure',
      at: new Date(atMs).toISOString(),
      user: this.formatUser(user),
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
    if (!joined.isCounted) return 'notCounted';
    metrics.addOutcome(joined.arm, outcome);
    return 'counted';
  }

  private formatUser(user: string | null): string | null {
    if (user === null || this.parts.userId === 'none') return null;
    return this.parts.userId === 'plain'
      ? user
      : createHash('sha256').update(user).digest('hex').slice(0, 32);
  }
}

/** Reads the exposures and outcomes that an earlier process recorded. */
export async function restoreOutcomes(file: string, outcomes: OutcomeJoin): Promise<void> {
  for await (const line of readJournal(file)) {
    const { kind, at, inferenceId, ...rest } = line as Partial<RecordLine>;
    const atMs = Date.parse(at ?? '');
    if (typeof inferenceId !== 'string' || Number.isNaN(atMs)) continue;
    if (kind === 'outcome') outcomes.join(inferenceId, atMs);
    const { endpoint, rolloutId, role, counted } = rest as Partial<Extract<RecordLine, { kind: 'exposure' }>>;
    const arm = armOf({ endpoint: endpoint ?? '', rolloutId: rolloutId ?? null, role: role ?? 'baseline' });
    if (kind === 'exposure' && arm !== null) outcomes.remember(inferenceId, arm, atMs, counted === true);
  }
}

function armOf({
  endpoint,
  rolloutId,
  role,
}: Pick<Exposure, 'endpoint' | 'rolloutId' | 'role'>): ExposureArm | null {
  return rolloutId === null ? null : { endpoint, rolloutId, role };
}
