/** What a rollout takes along where it goes on in a new run. Pure. */
import { jsonBytes } from '../temporal/payload-size.js';
import type { MemoryRecord } from '../temporal/checkpoints.js';
import type { TimelineEntry } from '../messages.js';
import { shorten } from '../state/timeline.js';
import type { Undo } from '../temporal/compensations.js';
import type { UsedProof } from '../commands/used-proofs.js';

/** What the new run begins with; plain JSON. */
export interface Carried {
  state: StateRecord;
  memory: MemoryRecord;
  undo: Undo[];
  /** A promote that nothing has acted on yet. */
  promotion: 'step' | 'full' | null;
  noticeSequence: number;
  usedProofs: UsedProof[];
}

/** The state's own fields. */
export interface StateRecord {
  readonly timeline: readonly TimelineEntry[];
}

/**
 * Temporal terminates a rollout that would carry more than 2 MiB. The rest of it is left to what cannot be left out, and
 * to what encryption adds.
 */
const mostBytes = 1_200_000;
const leastForTimeline = 100_000;

/** With as much of the timeline as there is room for beside everything else. */
export function fit(carried: Carried): Carried {
  const { state } = carried;
  const others = jsonBytes({ ...carried, state: { ...state, timeline: [] } });
  const room = Math.max(mostBytes - others, leastForTimeline);
  return { ...carried, state: { ...state, timeline: shorten(state.timeline, room) } };
}
