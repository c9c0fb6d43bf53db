/** Durations in text form: `30s`, `15m`, `2h`, `7d`, or combined, largest unit first: `1h30m`. */

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Whole numbers, not all zero. */
export const durationPattern = /^(?=.*[1-9])(\d{1,8}d)?(\d{1,8}h)?(\d{1,8}m)?(\d{1,8}s)?$/;

/** A latency: `250ms` or `2s`. */
export const latencyPattern = /^(?=.*[1-9])\d{1,8}(ms|s)$/;

/** Seconds. Throws RangeError if the text is not a duration. */
export function parseDuration(text: string): number {
  const counts = durationPattern.exec(text)?.slice(1);
  if (!counts) throw new RangeError(`expected a duration such as 30s, 15m, 7d, got "${text}"`);
  return units.reduce((sum, [, seconds], i) => sum + Number.parseInt(counts[i] ?? '0', 10) * seconds, 0);
}

/** The shortest text for the number of seconds, rounded; `0s` for 0. */
export function formatDuration(seconds: number): string {
  let rest = Math.round(seconds);
  const parts = units.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('') || '0s';
}

/** Milliseconds. Throws RangeError if the text is not a latency. */
export function parseLatency(text: string): number {
  if (!latencyPattern.test(text)) throw new RangeError(`expected a latency such as 250ms, 2s, got "${text}"`);
  return Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : 1_000);
}
