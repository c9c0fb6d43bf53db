/** Joins what came of an invocation, minutes or hours later, to the arm that the user had met. In memory, within bounds. */
import type { ExposureArm } from '../assignment/exposure.js';

export interface JoinBounds {
  /** How long an outcome may take. */
  within: number;
  /** Exposures remembered at once; the oldest go first. */
  maxExposures: number;
}

interface Remembered {
  arm: ExposureArm;
  atMs: number;
  isCounted: boolean;
  isJoined: boolean;
}

export type Joined =
  | { kind: 'unknown' }
  | { kind: 'alreadyCounted' }
  /** `isCounted`: not where somebody chose the arm. */
  | { kind: 'joined'; arm: ExposureArm; isCounted: boolean };

export class OutcomeJoin {
  /** In the order of arrival. */
  private readonly exposures = new Map<string, Remembered>();

  constructor(private readonly bounds: JoinBounds) {}

  get size(): number {
    return this.exposures.size;
  }

  /** The first exposure of an id stays: a client that tries again sends the same id. */
  remember(inferenceId: string, arm: ExposureArm, atMs: number, isCounted: boolean): void {
    if (this.exposures.has(inferenceId)) return;
    this.exposures.set(inferenceId, { arm, atMs, isCounted, isJoined: false });
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
    return { kind: 'joined', arm: found.arm, isCounted: found.isCounted };
  }

  /** It could not be written down: the next try may count it. */
  release(inferenceId: string): void {
    const found = this.exposures.get(inferenceId);
    if (found !== undefined) found.isJoined = false;
  }
}
