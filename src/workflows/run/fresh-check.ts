/** How long the check before a change counts. */
import type { Cursor } from '../state/cursor.js';

/** A change that begins later than this after its last check is checked again. A poll of a bake is due as often. */
export const freshCheckSeconds = 60;

/**
 * A scale-out takes minutes, and no worker may run for hours. The first traffic is always checked right before, so null
 * is fresh.
 */
export function isFresh({ checkedAt }: Cursor, nowMs: number): boolean {
  return checkedAt === null || nowMs - checkedAt <= freshCheckSeconds * 1000;
}
