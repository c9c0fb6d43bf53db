/** A duration since the emulator's start (`90s`, `2h30m`, `7d`), or an ISO 8601 time. */
export type Instant = string;

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;
const durationPattern = /^(?=.)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/;

/** Epoch ms. Throws RangeError if the text is neither. */
export function resolveInstant(instant: Instant, startedAt: number): number {
  const counts = durationPattern.exec(instant)?.slice(1);
  if (counts) {
    return units.reduce((sum, [, ms], i) => sum + Number.parseInt(counts[i] ?? '0', 10) * ms, startedAt);
  }
  const ms = /^\d{4}-/.test(instant) ? Date.parse(instant) : NaN;
  if (Number.isNaN(ms))
    throw new RangeError(`expected a duration such as 2h30m or an ISO time, got "${instant}"`);
  return ms;
}

export function isInstant(text: string): boolean {
  try {
    resolveInstant(text, 0);
    return true;
  } catch {
    return false;
  }
}

/** From `from` (inclusive) to `to` (exclusive). A bound that is not set does not apply. */
export interface InstantSpan {
  from?: Instant;
  to?: Instant;
}

export function isWithinSpan({ from, to }: InstantSpan, now: number, startedAt: number): boolean {
  if (from !== undefined && now < resolveInstant(from, startedAt)) return false;
  return to === undefined || now < resolveInstant(to, startedAt);
}
