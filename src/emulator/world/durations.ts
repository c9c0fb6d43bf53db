import type { Random } from './random.js';

/** How long SageMaker takes, in seconds. `shifting`: a change of weights or capacity. */
export interface Durations {
  training: number;
  creating: number;
  updating: number;
  shifting: number;
  deleting: number;
}

export type PaceName = 'real' | 'fast';

/** `real` is of the order that users report; `fast` is for rehearsals and tests. */
const paces: Record<PaceName, { durations: Durations; lateMs: number }> = {
  real: {
    durations: { training: 600, creating: 300, updating: 420, shifting: 90, deleting: 20 },
    lateMs: 20_000,
  },
  fast: { durations: { training: 8, creating: 6, updating: 5, shifting: 2, deleting: 1 }, lateMs: 2_000 },
};

/** Each duration is drawn anew within this share of its value, up or down. */
const spread = 0.2;

/** Draws how long each thing takes. A partial set of durations completes itself from the fast pace. */
export class Pace {
  private readonly durations: Durations;
  /** How long after a period's end its points become visible, in milliseconds. */
  readonly lateMs: number;

  constructor(
    pace: PaceName | Partial<Durations>,
    lateMs: number | undefined,
    private readonly random: Random,
  ) {
    const base = paces[typeof pace === 'string' ? pace : 'fast'];
    this.durations = typeof pace === 'string' ? base.durations : { ...base.durations, ...pace };
    this.lateMs = lateMs ?? base.lateMs;
  }

  drawMs(kind: keyof Durations): number {
    return Math.round(this.durations[kind] * 1000 * (1 + spread * (2 * this.random.uniform() - 1)));
  }
}
