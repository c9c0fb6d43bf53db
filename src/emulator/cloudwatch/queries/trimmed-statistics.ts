import type { Distribution } from '../metrics/distribution.js';
import type { ValueCount } from '../metrics/values.js';

/** TM: mean, TC: count, TS: sum, WM: winsorized mean, PR: percentile rank (see "CloudWatch statistics definitions"). */
type Kind = 'TM' | 'TC' | 'TS' | 'WM' | 'PR';

export interface Trimmed {
  kind: Kind;
  /** Bounds in percent of the values, or as values: above `low`, up to and including `high`. */
  bounds: { unit: 'percent' | 'value'; low: number; high: number };
}

const number = String.raw`\d+(?:\.\d{1,10})?`;
const short = new RegExp(`^(tm|tc|ts|wm)(${number})$`);
const byPercent = new RegExp(`^(TM|TC|TS|WM)\\((?:(${number})%)?:(?:(${number})%)?\\)$`);
const byValue = new RegExp(`^(TM|TC|TS|WM|PR)\\((${number})?:(${number})?\\)$`);

/** Null if the text is not a trimmed statistic. */
export function parseTrimmed(stat: string): Trimmed | null {
  if (stat === 'IQM') return { kind: 'TM', bounds: { unit: 'percent', low: 25, high: 75 } };
  const [, shortKind, upTo] = short.exec(stat) ?? [];
  if (shortKind) return percentBounds(shortKind.toUpperCase(), undefined, upTo);
  const [, percentKind, fromPercent, toPercent] = byPercent.exec(stat) ?? [];
  if (percentKind && (fromPercent ?? toPercent)) return percentBounds(percentKind, fromPercent, toPercent);
  const [, kind, from, to] = byValue.exec(stat) ?? [];
  if (!kind || (from ?? to) === undefined) return null;
  const bounds = { unit: 'value' as const, low: Number(from ?? -Infinity), high: Number(to ?? Infinity) };
  return { kind: kind as Kind, bounds };
}

function percentBounds(kind: string, from: string | undefined, to: string | undefined): Trimmed | null {
  const bounds = { unit: 'percent' as const, low: Number(from ?? 0), high: Number(to ?? 100) };
  return bounds.high > 100 || bounds.low >= bounds.high ? null : { kind: kind as Kind, bounds };
}

/** Null if the values are unknown, or if no value is left. */
export function trimmedStatistic(values: Distribution, { kind, bounds }: Trimmed): number | null {
  const entries = values.entries();
  if (!entries) return null;
  const kept =
    bounds.unit === 'percent' ? trimByPercent(entries, values.count, bounds) : trimByValue(entries, bounds);
  const count = kept.reduce((total, [, times]) => total + times, 0);
  const sum = kept.reduce((total, [value, times]) => total + value * times, 0);
  if (kind === 'TC') return count;
  if (kind === 'TS') return sum;
  if (kind === 'PR') return (100 * count) / values.count;
  if (count === 0) return null;
  return kind === 'TM' ? sum / count : winsorizedMean(entries, kept, values.count);
}

function trimByValue(entries: ValueCount[], { low, high }: Trimmed['bounds']): ValueCount[] {
  return entries.filter(([value]) => value > low && value <= high);
}

function trimByPercent(entries: ValueCount[], count: number, { low, high }: Trimmed['bounds']): ValueCount[] {
  const [from, to] = [(low / 100) * count, (high / 100) * count];
  const kept: ValueCount[] = [];
  let before = 0;
  for (const [value, times] of entries) {
    const within = Math.min(before + times, to) - Math.max(before, from);
    if (within > 0) kept.push([value, within]);
    before += times;
  }
  return kept;
}

/** Values beyond the bounds count as the outermost value within them. */
function winsorizedMean(entries: ValueCount[], kept: ValueCount[], count: number): number {
  const low = kept[0]?.[0] ?? 0;
  const high = kept.at(-1)?.[0] ?? 0;
  const sum = entries.reduce(
    (total, [value, times]) => total + Math.min(high, Math.max(low, value)) * times,
    0,
  );
  return sum / count;
}
