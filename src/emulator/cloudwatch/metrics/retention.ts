const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Tier {
  /** How long points are kept at the resolution. */
  ageMs: number;
  resolutionMs: number;
  /** The least that is left of the age when memory runs short. */
  minAgeMs: number;
}

/**
 * How long points are kept, and how fine. Ages are CloudWatch's own (concepts, "Metrics retention"): below a minute for 3
 * hours, minutes for 15 days, 5 minutes for 63, hours for 455. When memory runs short they halve, down to
 * ages with which an endpoint of two variants takes some 2 MB.
 */
const tiers: Tier[] = [
  { ageMs: 3 * hourMs, resolutionMs: 1_000, minAgeMs: 3 * hourMs },
  { ageMs: 15 * dayMs, resolutionMs: 60_000, minAgeMs: 3 * hourMs },
  { ageMs: 63 * dayMs, resolutionMs: 300_000, minAgeMs: dayMs },
  { ageMs: 455 * dayMs, resolutionMs: hourMs, minAgeMs: 42 * dayMs },
];

/** From the finest on. */
export const resolutionsMs = tiers.map((tier) => tier.resolutionMs);

/** Bytes of packed points. */
const defaultBudgetBytes = 1_200 * 2 ** 20;

/** Below it all ages are at their least. */
const minShare = 1 / 1024;

export class Retention {
  private share = 1;
  private bytes = 0;
  /** Series have to be repacked by the present ages before the ages may halve again. */
  private repacksLeft = 0;
  private seriesCount = 0;

  constructor(private readonly budgetBytes = defaultBudgetBytes) {}

  /** Milliseconds; null for points that are not kept. */
  resolutionAt(ageMs: number): number | null {
    const tier = tiers.find((each) => ageMs <= Math.max(each.minAgeMs, each.ageMs * this.share));
    return tier?.resolutionMs ?? null;
  }

  addSeries(): void {
    this.seriesCount += 1;
  }

  /** Of so many bytes, the part of one series. */
  shareOf(bytes: number): number {
    return bytes / Math.max(1, this.seriesCount);
  }

  /** To be told of every repacking: by how many bytes a series grew. */
  account(grownBytes: number): void {
    this.bytes += grownBytes;
    this.repacksLeft -= 1;
    if (this.bytes <= this.budgetBytes || this.repacksLeft > 0 || this.share < minShare) return;
    this.share /= 2;
    this.repacksLeft = 2 * this.seriesCount;
  }
}
