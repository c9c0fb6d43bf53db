import type { Random } from './random.js';

/** Durations of SageMaker's operations, in seconds. */
export interface Durations {
  training: number;
  creating: number;
  updating: number;
  /** A change of weights. */
  shifting: number;
  /** A change of instance counts. */
  scaling: number;
  /** One move of traffic between the fleets of a guarded deployment. */
  activating: number;
  rollingBack: number;
  systemUpdating: number;
  deleting: number;
  /** Between a spot interruption and the next instance. */
  interrupted: number;
  /** Until a stuck change is given up. Drawn between a fifth and five times of this value. */
  stuck: number;
}

/** Single durations override those of the fast pace. */
export interface CustomPace extends Partial<Durations> {
  /** Max relative deviation of each drawn duration. Default: 0.2. With 0, all durations are exact, also `stuck`. */
  spread?: number;
}

export type PaceName = 'real' | 'fast';

/** `real` has the order of magnitude that users report. `fast` is for rehearsals and tests. */
const paces: Record<PaceName, { durations: Durations; lateMs: number }> = {
  real: {
    durations: {
      training: 600,
      creating: 300,
      updating: 420,
      shifting: 90,
      scaling: 240,
      activating: 30,
      rollingBack: 240,
      systemUpdating: 1200,
      deleting: 20,
      interrupted: 300,
      stuck: 18_000,
    },
    lateMs: 20_000,
  },
  fast: {
    durations: {
      training: 8,
      creating: 6,
      updating: 5,
      shifting: 2,
      scaling: 2,
      activating: 0.5,
      rollingBack: 2,
      systemUpdating: 4,
      deleting: 1,
      interrupted: 2,
      stuck: 60,
    },
    lateMs: 2_000,
  },
};

const defaultSpread = 0.2;
const stuckSpread = 5;

/** Draws the durations. */
export class Pace {
  private readonly durations: Durations;
  private readonly spread: number;
  /** Delay from the end of a period until its points are visible, in milliseconds. */
  readonly lateMs: number;

  constructor(
    pace: PaceName | CustomPace,
    lateMs: number | undefined,
    readonly random: Random,
  ) {
    const base = paces[typeof pace === 'string' ? pace : 'fast'];
    const { spread = defaultSpread, ...own } = typeof pace === 'string' ? {} : pace;
    this.durations = { ...base.durations, ...own };
    this.spread = spread;
    this.lateMs = lateMs ?? base.lateMs;
  }

  drawMs(kind: keyof Durations): number {
    const away = 2 * this.random.uniform() - 1;
    const isWide = kind === 'stuck' && this.spread > 0;
    const factor = isWide ? stuckSpread ** away : 1 + this.spread * away;
    return Math.round(this.durations[kind] * 1000 * factor);
  }
}
