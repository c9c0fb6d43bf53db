/** Numbers as text. An unknown number is `?`. */

const plain = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export function formatCount(count: number | null): string {
  return count === null ? '?' : plain.format(count);
}

export function formatShare(percent: number | null): string {
  return percent === null ? '?' : `${fine.format(percent)} %`;
}

export function formatLatency(ms: number | null): string {
  return ms === null ? '?' : `${fine.format(ms)} ms`;
}

/** `1 request`, `2 requests`. */
export function formatCountOf(count: number | null, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
