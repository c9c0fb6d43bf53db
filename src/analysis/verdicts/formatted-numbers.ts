/** Numbers in messages. */

/** Three significant digits. */
export function formatNumber(value: number): string {
  return formatDigits(value, 3);
}

export function signed(value: number): string {
  return value > 0 ? `+${formatNumber(value)}` : formatNumber(value);
}

/** At least three digits, and as many as it takes to tell different numbers apart: 1.0004 and 1, not 1 and 1. */
export function formatApart(values: readonly number[]): string[] {
  const different = new Set(values).size;
  for (let digits = 3; digits < 17; digits += 1) {
    const texts = values.map((value) => formatDigits(value, digits));
    if (new Set(texts).size === different) return texts;
  }
  return values.map(String);
}

function formatDigits(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}

/** `evidence 4.1 of 20`. Rounded down, so the text never shows a limit as reached when it is not. */
export function formatEvidence(logE: number, needed: number, name = 'evidence'): string {
  const value = Math.exp(logE);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  const text =
    value > 1e6 ? 'over 1000000' : value < 0.1 ? 'under 0.1' : formatNumber(Math.floor(value / unit) * unit);
  return `${name} ${text} of ${formatNumber(needed)}`;
}
