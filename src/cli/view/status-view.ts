/** A rollout as lines of text, for `watch`, `status` and `start --wait`. Pure: the time is an argument. */
import type { LiveStatus } from '../../client.js';
import type { Colours } from './colours.js';
import { renderHeader } from './header.js';
import { renderTree } from './tree.js';

/** `now`: milliseconds since the epoch. */
export function renderStatus(status: LiveStatus, now: number, colours: Colours): string[] {
  return [...renderHeader(status, now, colours), '', ...renderTree(status, now, colours)];
}
