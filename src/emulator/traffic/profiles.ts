/** Daily and weekly profiles of traffic, in UTC, as factors of the average. */

export const dayProfileNames = ['office', 'evening'] as const;
export const weekProfileNames = ['office', 'leisure'] as const;

/** One factor per hour, from 0 to 23 h. */
export type DayProfile = (typeof dayProfileNames)[number] | number[];
/** One factor per day, from Monday to Sunday. */
export type WeekProfile = (typeof weekProfileNames)[number] | number[];

/** Shapes that are normalized to a mean of 1 below. */
const days: Record<(typeof dayProfileNames)[number], number[]> = {
  office: [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 20, 16, 18, 20, 20, 18, 14, 9, 6, 4, 3, 2, 1],
  evening: [8, 5, 3, 2, 2, 2, 3, 5, 7, 8, 9, 10, 11, 11, 11, 12, 13, 15, 18, 21, 23, 22, 18, 13],
};
const weeks: Record<(typeof weekProfileNames)[number], number[]> = {
  office: [10, 10, 10, 10, 9, 2, 2],
  leisure: [8, 8, 8, 9, 10, 14, 13],
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Interpolates linearly between the middles of two hours. */
export function dayFactor(profile: DayProfile | undefined, at: number): number {
  if (profile === undefined) return 1;
  const factors = typeof profile === 'string' ? normalized(days[profile]) : profile;
  const position = (at / hourMs - 0.5 + 24) % 24;
  const hour = Math.floor(position);
  const [before, after] = [factors[hour] ?? 1, factors[(hour + 1) % 24] ?? 1];
  return before + (after - before) * (position - hour);
}

export function weekFactor(profile: WeekProfile | undefined, at: number): number {
  if (profile === undefined) return 1;
  const factors = typeof profile === 'string' ? normalized(weeks[profile]) : profile;
  // 1 January 1970 was a Thursday.
  return factors[(Math.floor(at / dayMs) + 3) % 7] ?? 1;
}

function normalized(shape: number[]): number[] {
  const mean = shape.reduce((sum, each) => sum + each, 0) / shape.length;
  return shape.map((each) => each / mean);
}
