/**
 * Since when a split is wrong. The candidate's requests beyond plan are summed up window by window: where a lack began, the
 * sum was at its highest, where an excess did, at its lowest. A guess for people, which decides nothing.
 */
import type { ComparisonWindow } from '../verdicts/comparison-windows.js';

/** Carried from look to look; plain JSON. */
export interface SplitTrend {
  /** Of the candidate, beyond plan. */
  surplus: number;
  highest: Turn;
  lowest: Turn;
  /** The planned share since it last changed; windows of it so far. */
  share: { percent: number | null; stage: number; windows: number };
}

interface Turn {
  surplus: number;
  /** ISO 8601, UTC: start of the first window after it. */
  at: string;
  /** Of the same planned share, before it. */
  windowsBefore: number;
}

/** `surplus`: the candidate's in this window. */
export function updateSplitTrend(
  course: SplitTrend | null,
  window: Pick<ComparisonWindow, 'from' | 'stage' | 'candidateShare'>,
  surplus: number,
): SplitTrend {
  const { from: at, stage, candidateShare: percent } = window;
  const known = course?.share;
  const isSame = known?.percent === percent && known.stage === stage;
  const windowsBefore = isSame ? known.windows : 0;
  const so = course?.surplus ?? 0;
  const turn: Turn = { surplus: so, at, windowsBefore };
  return {
    surplus: so + surplus,
    highest: course === null || so >= course.highest.surplus ? turn : course.highest,
    lowest: course === null || so <= course.lowest.surplus ? turn : course.lowest,
    share: { percent, stage, windows: windowsBefore + 1 },
  };
}

/** The sum wanders a little before it turns for good. */
const soonAfter = 2;

/** `the candidate lacks requests since 2026-11-05T10:00Z, as soon as it had its share`. */
export function describeSplitTrend({ surplus, highest, lowest }: SplitTrend): string {
  const [arm, turn] = surplus < 0 ? ['candidate', highest] : ['baseline', lowest];
  const when = `the ${arm} lacks requests since ${turn.at.slice(0, 16)}Z`;
  return turn.windowsBefore <= soonAfter ? `${when}, as soon as the shares were these` : when;
}
