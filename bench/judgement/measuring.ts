import betaincinv from '@stdlib/math-base-special-betaincinv';

/** `0.031 (<= 0.036)`: a frequency with its upper 95 % bound (Clopper-Pearson, one-sided). */
export function frequencyInWords(hits: number, trials: number): string {
  return `${(hits / trials).toFixed(4)} (<= ${upperBound(hits, trials).toFixed(4)})`;
}

export function upperBound(hits: number, trials: number): number {
  return hits >= trials ? 1 : betaincinv(0.95, hits + 1, trials - hits);
}

/** Quantile of detection hours by nearest rank. Null: never detected. */
export function quantile(values: (number | null)[], part: number): number | null {
  const sorted = values.map((value) => value ?? Infinity).sort((a, b) => a - b);
  const value = sorted[Math.ceil(part * sorted.length) - 1]!;
  return value === Infinity ? null : value;
}

export function hoursInWords(value: number | null): string {
  return value === null ? 'not in two weeks' : `${value} h`;
}

export function percent(hits: number, trials: number): string {
  return `${((100 * hits) / trials).toFixed(1)} %`;
}
