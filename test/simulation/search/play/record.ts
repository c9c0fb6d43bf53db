/** The evidence of the invariants: everything that a played scenario leaves behind. Times are epoch milliseconds. */
import type { Kept } from './kept.js';
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import type { FaultKind } from '../../../../src/emulator/account/faults.js';
import type { ObservedEndpoint } from '../../../../src/emulator/control/controls.js';
import type { RolloutResult, RolloutStatus, TimelineEntry } from '../../../../src/workflows/messages.js';
import type { Snapshot } from '../../../faults/aws/snapshot.js';
import type { CommandName, Happening, Scenario } from '../scenario.js';

export interface Span {
  fromMs: number;
  toMs: number;
}

/** The account at one time, read without a call. */
export interface Sample {
  atMs: number;
  /** Without the other variants. */
  live: ObservedEndpoint | null;
  others: ObservedEndpoint['variants'];
  /** The candidate's share of the users in percent, by the endpoint's weights or by the split that switches follow. */
  candidateShare: number;
}

/** `answer: none`: it was not answered before the end. */
export interface Given {
  command: CommandName;
  actor: string;
  /** Unique. */
  reason: string;
  atMs: number;
  answer: 'accepted' | 'rejected' | 'none';
  answeredMs: number | null;
  message: string;
}

/** A call of the worker that a fault of the scenario hit. `toMs`: the caller has its answer at the latest then. */
export interface Hit extends Span {
  operation: string;
  fault: FaultKind | 'wrongAccount';
}

export interface Record {
  scenario: Scenario;
  startMs: number;
  /** When the workflow ended; null: not before the horizon and the abort at its end. */
  endedMs: number | null;
  result: RolloutResult | null;
  /** Why the workflow failed instead of giving a result. */
  failure: string | null;
  /** In order; those of other people are in `foreign` too. */
  calls: CallRecord[];
  foreign: ReadonlySet<CallRecord>;
  samples: Sample[];
  given: Given[];
  /** The events that took effect, in order, with their times. */
  done: { atMs: number; happening: Happening }[];
  hits: Hit[];
  /** Without a worker, until the next one has started. */
  down: Span[];
  /** Metrics of the candidate cannot be read. */
  withoutMetrics: Span[];
  /** The status at the horizon, before the operator's abort. Null: the rollout had ended. */
  atHorizon: RolloutStatus | null;
  timeline: TimelineEntry[];
  /** Without the other variants. */
  atEnd: Snapshot;
  keptBefore: Kept;
  keptAfter: Kept;
  /** Null: the history replays. */
  replayProblem: string | null;
}
