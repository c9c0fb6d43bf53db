/**
 * Joins the outcome of an invocation, which arrives minutes or hours later, to the arm that served the user. Exposures
 * are kept in memory, up to a limit.
 */
import type { ExposureArm } from '../assignment/exposure.js';
import type { OutcomePlace } from './arm-metrics.js';

export interface JoinBounds {
  /** Max time from the exposure to its outcome, in milliseconds. */
  within: number;
  /** Max exposures remembered at once. The oldest are dropped first. */
  maxExposures: number;
}

interface Remembered {
  arm: ExposureArm;
  atMs: number;
  place: OutcomePlace | null;
  isJoined: boolean;
}

export type Joined =
  | { kind: 'unknown' }
  | { kind: 'alreadyCounted' }
  /** `place`: null if the exposure does not count, for example because the configuration chose the arm. */
  | { kind: 'joined'; arm: ExposureArm; place: OutcomePlace | null };

export class OutcomeJoin {
  /** In the order of arrival. */
  private readonly exposures = new Map<string, Remembered>();

  constructor(private readonly bounds: JoinBounds) {}

  get size(): number {
    return this.exposures.size;
  }

  /** Keeps the first exposure of an id, because a client that retries sends the same id. */
  remember(inferenceId: string, arm: ExposureArm, atMs: number, place: OutcomePlace | null): void {
    if (this.exposures.has(inferenceId)) return;
    this.exposures.set(inferenceId, { arm, atMs, place, isJoined: false });
    for (const [id, oldest] of this.exposures) {
      if (this.exposures.size <= this.bounds.maxExposures && oldest.atMs >= atMs - this.bounds.within) return;
      this.exposures.delete(id);
    }
  }

  join(inferenceId: string, nowMs: number): Joined {
    const found = this.exposures.get(inferenceId);
    if (found === undefined || found.atMs < nowMs - this.bounds.within) return { kind: 'unknown' };
    if (found.isJoined) return { kind: 'alreadyCounted' };
    found.isJoined = true;
    return { kind: 'joined', arm: found.arm, place: found.place };
  }

  /** The outcome could not be recorded, so the next attempt may count it. */
  release(inferenceId: string): void {
    const found = this.exposures.get(inferenceId);
    if (found !== undefined) found.isJoined = false;
  }
}
