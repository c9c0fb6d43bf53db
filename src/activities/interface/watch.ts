/** What a watch of the traffic is asked, what it carries from look to look, and what it reports. */
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Goal, JudgingPlan } from '../../plan/compiled/goal.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { DriftHistory } from '../drift/drift-history.js';
import type { EndpointObservation } from './endpoint.js';
import type { Drift, ArmTraffic } from './traffic.js';

/** Counts of one variant since the weights of this stage were verified, and its latency in the last hour; null where unknown. */
export interface VariantStats {
  role: Role;
  variant: string;
  requests: number | null;
  errors: number | null;
  p99Ms: number | null;
}

/** The running sums of a bake. Carried from look to look in heartbeat details, and from round to round. */
export interface WatchState {
  /**
   * By guardrail id. `judgedTo`: ISO 8601, end of the last span judged; spans before it are immutable. `judged`: the
   * verdict on that span, where there is one; `last` may be younger and say that something is not known yet.
   */
  guardrails: Record<string, { judgedTo: string; windowsJudged: number; last: Verdict; judged?: Verdict }>;
  /** What the last look said of the alarms. */
  alarms: Verdict[];
  /**
   * By id of comparison guardrail or goal: what it has seen so far, in its own form. Goes on across the stages of a rollout.
   */
  comparisons: Record<string, ComparisonProgress>;
  stats: VariantStats[];
  observation: EndpointObservation | null;
  /** When someone else had changed the endpoint in this watch; absent: no look yet. */
  drift?: DriftHistory;
  /** What the last report said; the same is not said again before the round ends, so that callers can just ask again. */
  reported?: 'undecided' | 'drift';
  /** What it said of the drift: another one is said. */
  reportedDrift?: string;
}

/** `judgedTo`: ISO 8601, end of the last window taken in; windows before it are immutable. `sums`: plain JSON. */
export interface ComparisonProgress {
  judgedTo: string;
  sums: unknown;
  last: Verdict;
}

export interface WatchRequest {
  rolloutId: string;
  traffic: ArmTraffic;
  /** The shares that must still hold, as the arms' configs must; anything else is drift. */
  weights: Weights;
  stage: number;
  metricPeriodSeconds: number;
  guardrails: Guardrail[];
  /** Judged in an experiment only: empty elsewhere. */
  goals: Goal[];
  /** The plan's. */
  judging?: JudgingPlan | undefined;
  /** ISO 8601: when the weights were verified; windows start at the first whole period after it. */
  since: string;
  /** The bake: windows that end within this many seconds are judged. */
  bakeSeconds: number;
  /** ISO 8601: no later than this the activity reports, decided or not. */
  roundEnds: string;
  /**
   * `bake`: ends with `clear` when every planned window is judged and passed, and no goal is undecided.
   * `guard`: the bake is over but traffic stays as it is (pause, gate, hold); never clear before the round ends.
   * `final`: one look now, before an early promotion; unjudged windows are skipped, alarms are not.
   */
  mode: 'bake' | 'guard' | 'final';
  continued: WatchState | null;
}

export interface WatchReport {
  /**
   * `fail`: roll back. `clear`: bake done, everything passed. `undecided`: the bake is over and something is
   * unknown. `round`: the round ended before the bake did. `drift`: someone else changed the endpoint.
   */
  kind: 'clear' | 'fail' | 'undecided' | 'round' | 'drift';
  message: string;
  verdicts: Verdict[];
  /** Set for `drift`. */
  drift?: Drift | undefined;
  state: WatchState;
}
