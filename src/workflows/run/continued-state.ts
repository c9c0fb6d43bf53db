/** What a rollout takes along where it goes on in a new run. Pure. */
import type { InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { jsonBytes } from '../temporal/payload-size.js';
import type { CheckpointData } from '../temporal/checkpoints.js';
import type { TimelineEntry } from '../messages.js';
import { truncateTimeline } from '../state/timeline.js';
import type { Compensation } from '../temporal/compensations.js';
import type { UsedProof } from '../commands/used-proofs.js';

/** What the new run begins with; plain JSON. */
export interface ContinuedState {
  state: SerializedState;
  checkpoints: CheckpointData;
  compensations: Compensation[];
  /** A promote that nothing has acted on yet. */
  promotion: 'step' | 'full' | null;
  notificationSequence: number;
  usedProofs: UsedProof[];
}

/** The state's own fields. */
export interface SerializedState {
  readonly compiledPlan: Plan | null;
  readonly starting: InitialEndpoint | null;
  readonly timeline: readonly TimelineEntry[];
}

/**
 * Temporal terminates a rollout that would carry more than 2 MiB. The rest of it is left to what cannot be left out, and
 * to what encryption adds.
 */
const maxInputBytes = 1_200_000;
const minTimelineBytes = 100_000;

/** With as much of the timeline as there is room for beside everything else. */
export function fitToPayloadLimit(continued: ContinuedState): ContinuedState {
  const { state } = continued;
  const others = jsonBytes({ ...continued, state: { ...state, timeline: [] } });
  const room = Math.max(maxInputBytes - others, minTimelineBytes);
  return { ...continued, state: { ...state, timeline: truncateTimeline(state.timeline, room) } };
}
