const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Tier {
  /** Max age of points at this resolution. */
  ageMs: number;
  resolutionMs: number;
  /** Min value to which the age can shrink when memory runs short. */
  minAgeMs: number;
}

/**
 * Max age of points by resolution. The ages are CloudWatch's (concepts, "Metrics retention"): below a minute for 3
 * hours, minutes for 15 days, 5 minutes for 63 days, hours for 455 days. If memory runs short, the ages halve, down to
 * ages with which an endpoint of two variants takes about 2 MB.
 */
const tiers: Tier[] = [
  { ageMs: 3 * hourMs, resolutionMs: 1_000, minAgeMs: 3 * hourMs },
  { ageMs: 15 * dayMs, resolutionMs: 60_000, minAgeMs: 3 * hourMs },
  { ageMs: 63 * dayMs, resolutionMs: 300_000, minAgeMs: dayMs },
  { ageMs: 455 * dayMs, resolutionMs: hourMs, minAgeMs: 42 * dayMs },
];

/** Resolutions from the finest to the coarsest. */
export const resolutionsMs = tiers.map((tier) => tier.resolutionMs);

/** Max bytes of packed points. */
const defaultBudgetBytes = 1_200 * 2 ** 20;

/** At this share, all ages have their min value. */
const minShare = 1 / 1024;

export class Retention {
  private share = 1;
  private bytes = 0;
  /** Repacks with the current ages that must happen before the ages can halve again. */
  private repacksLeft = 0;
  private seriesCount = 0;

  constructor(private readonly budgetBytes = defaultBudgetBytes) {}

  /** Milliseconds. Null for points that are no longer kept. */
  resolutionAt(ageMs: number): number | null {
    return tiers.find((each) => ageMs <= this.ageOf(each))?.resolutionMs ?? null;
  }

  /** Max age of points at this resolution or a finer one. */
  maxAgeMs(resolutionMs: number): number {
    const tier = tiers.findLast((each) => each.resolutionMs <= resolutionMs);
    return tier === undefined ? -Infinity : this.ageOf(tier);
  }

  addSeries(): void {
    this.seriesCount += 1;
  }

  private ageOf({ ageMs, minAgeMs }: Tier): number {
    return Math.max(minAgeMs, ageMs * this.share);
  }

  /** The part of one series in a number of bytes. */
  shareOf(bytes: number): number {
    return bytes / Math.max(1, this.seriesCount);
  }

  /** Call it after every repack, with the number of bytes by which the series grew. */
  account(grownBytes: number): void {
    this.bytes += grownBytes;
    this.repacksLeft -= 1;
    if (this.bytes <= this.budgetBytes || this.repacksLeft > 0 || this.share < minShare) return;
    this.share /= 2;
    this.repacksLeft = 2 * this.seriesCount;
  }
}
