import assert from 'node:assert/strict';

/** To within `tolerance`, absolute below 1 and relative above. */
export function assertClose(actual: number, expected: number, tolerance = 1e-9): void {
  const difference = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(difference <= tolerance, `${actual} is not ${expected} (off by ${difference})`);
}

/** To the digits that are printed in `expected`, e.g. `.50336`. */
export function assertPrinted(actual: number, expected: string): void {
  const digits = expected.split('.')[1]?.length ?? 0;
  assertClose(actual, Number(expected), 0.5000001 * 10 ** -digits);
}
