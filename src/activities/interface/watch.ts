/** Request, state and report of `watchTraffic`. Its attempts pass the state on. */
import type { BoundMemory } from '../../analysis/verdicts/bound-judgement.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Goal, JudgingPlan } from '../../plan/compiled/goal.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { DriftHistory } from '../drift/drift-history.js';
import type { EndpointObservation } from './endpoint.js';
import type { Drift, ArmTraffic } from './traffic.js';

/**
 * Counts of one variant since the weights of this stage were verified, and its p99 latency in the last hour.
 * Null: unknown.
 */
export interface VariantStats {
  role: Role;
  variant: string;
  requests: number | null;
  errors: number | null;
  p99Ms: number | null;
}

/**
 * The running sums of a bake. Heartbeat details carry it from attempt to attempt, the workflow from round to
 * round.
 */
export interface WatchState {
  /**
   * By guardrail id. `judgedTo`: ISO 8601, end of the last span with a verdict; earlier spans never change.
   * `judged`: the verdict on that span, if there is one. `last` may be newer and say that something is not
   * known yet. `leftOut`: how many of `windowsJudged` had no data. Absent: none. `memory`: what the rule keeps of all
   * judged spans. `lastSpan`: the last one, and the memory before it. Both are absent before the first one.
   */
  guardrails: Record<string, BoundProgress>;
  /** The verdicts of the last attempt on the alarms. */
  alarms: Verdict[];
  /**
   * Data so far, by id of the comparison guardrail or goal, in the rule's own form. Carries over to later
   * stages.
   */
  comparisons: Record<string, ComparisonProgress>;
  stats: VariantStats[];
  /** ISO 8601: end of the range that `stats` covers. Absent if it covers none. */
  statsUntil?: string;
  observation: EndpointObservation | null;
  /** ISO 8601: since when every attempt could not read something, or the last report of that. Absent: the last one could. */
  unreadSince?: string;
  /** The external changes during this watch. Absent before the first attempt. */
  drift?: DriftHistory;
  /** Kind of the last report. It is not repeated before the round ends, so a caller can simply call again. */
  reported?: 'undecided' | 'drift';
  /** Message of the last drift report. A drift with another message is reported. */
  reportedDrift?: string;
}

export interface BoundProgress {
  judgedTo: string;
  windowsJudged: number;
  leftOut?: number;
  last: Verdict;
  judged?: Verdict;
  memory?: BoundMemory;
  lastSpan?: { firstWindow: number; requests: number; memory: BoundMemory | null };
}

/** `judgedTo`: ISO 8601, end of the last window counted; earlier windows never change. `sums`: plain JSON. */
export interface ComparisonProgress {
  judgedTo: string;
  sums: unknown;
  last: Verdict;
}

export interface WatchRequest {
  rolloutId: string;
  traffic: ArmTraffic;
  /** The expected shares in percent. Other shares, or other configs than the arms', are drift. */
  weights: Weights;
  stage: number;
  metricPeriodSeconds: number;
  guardrails: Guardrail[];
  /** Ids of guardrails whose failure is only reported, and was. Absent: none. */
  told?: string[];
  /** Empty outside experiments. */
  goals: Goal[];
  /** From the plan. */
  judging?: JudgingPlan | undefined;
  /** ISO 8601: not before the weights were verified. Windows start at the first whole period after it. */
  since: string;
  /** ISO 8601: time at which the weights were verified, if `since` is later. */
  weightsSince?: string;
  /** ISO 8601: when the rollout first requested users for the candidate. Absent: it has not. */
  servesSince?: string;
  /** Length of the bake: windows that end within this many seconds are evaluated. */
  bakeSeconds: number;
  /** ISO 8601: at this time the activity reports, decided or not. */
  roundEnds: string;
  /**
   * - `bake`: ends with `clear` when every planned window has passed and no goal is undecided.
   * - `guard`: the bake is over but traffic stays unchanged (pause, gate, hold). Never clear before the round
   *   ends.
   * - `final`: one check now, before an early promotion. Windows without a verdict are skipped, alarms are not.
   */
  mode: 'bake' | 'guard' | 'final';
  /**
   * The rollout changes the endpoint meanwhile. The change itself finds external changes, so the poll does not. Absent:
   * false.
   */
  isChanging?: boolean;
  /** The endpoint config to which a rollback returns, if the endpoint is on another one. Absent: none. */
  servedBefore?: string;
  continued: WatchState | null;
}

export interface WatchReport {
  /**
   * - `fail`: roll back.
   * - `clear`: the bake is over and everything passed.
   * - `undecided`: the bake is over and something is unknown.
   * - `round`: the round ended before the bake did.
   * - `drift`: someone else changed the endpoint.
   */
  kind: 'clear' | 'fail' | 'undecided' | 'round' | 'drift';
  message: string;
  verdicts: Verdict[];
  /** Set for `drift`. */
  drift?: Drift | undefined;
  /** Why the last poll could not read the endpoint. Absent: it could, or an alarm fired. */
  unseen?: string;
  state: WatchState;
}
