/** The state that a rollout passes to its next run. Pure. */
import type { InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { jsonBytes } from '../temporal/payload-size.js';
import type { TimelineEntry } from '../messages.js';
import { truncateTimeline } from '../state/timeline.js';
import type { Compensation } from '../temporal/compensations.js';
import type { UsedProof } from '../commands/used-proofs.js';

/** Second argument of the new run; plain JSON. */
export interface ContinuedState {
  state: SerializedState;
  compensations: Compensation[];
  /** A promote command that no step has acted on yet. */
  promotion: 'step' | 'full' | null;
  notificationSequence: number;
  usedProofs: UsedProof[];
}

/** Fields of RolloutState. */
export interface SerializedState {
  readonly compiledPlan: Plan | null;
  readonly starting: InitialEndpoint | null;
  readonly timeline: readonly TimelineEntry[];
}

/**
 * Temporal terminates a workflow whose arguments exceed 2 MiB. The rest is for the minimum timeline and for
 * encryption.
 */
const maxInputBytes = 1_200_000;
const minTimelineBytes = 100_000;

/** Truncates the timeline to the room that the other fields leave. */
export function fitToPayloadLimit(continued: ContinuedState): ContinuedState {
  const { state } = continued;
  const others = jsonBytes({ ...continued, state: { ...state, timeline: [] } });
  const room = Math.max(maxInputBytes - others, minTimelineBytes);
  return { ...continued, state: { ...state, timeline: truncateTimeline(state.timeline, room) } };
}
