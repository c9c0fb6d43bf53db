/** Percents in text form, `1%` or `0.1%`, and as numbers from 0 to 100. */

/** A share of the traffic: 0.1% to 100%, at most one decimal. */
export const sharePattern = /^(100(\.0)?|[1-9]\d?(\.\d)?|0\.[1-9])%$/;

/** A rate: above 0%, at most 100%, at most four decimals. */
export const ratePattern = /^(?=.*[1-9])(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)%$/;

/** Percent, 0.1 to 100. Throws RangeError if the text is not a share. */
export function parseShare(text: string): number {
  if (!sharePattern.test(text))
    throw new RangeError(`expected a share such as 0.1%, 5%, 100%, got "${text}"`);
  return Number(text.slice(0, -1));
}

/** Percent, above 0 to 100. Throws RangeError if the text is not a rate. */
export function parseRate(text: string): number {
  if (!ratePattern.test(text)) throw new RangeError(`expected a rate such as 0.05%, 1%, got "${text}"`);
  return Number(text.slice(0, -1));
}

/** 100 % minus the share. Computed in tenths, because 100 - 99.9 is 0.09999999999999432 in binary fractions. */
export function remainderOf(share: number): number {
  return (1_000 - Math.round(share * 10)) / 10;
}

export function formatPercent(percent: number): string {
  return `${percent}%`;
}
