/** The report of a rehearsal. Times: ISO 8601. Durations in seconds. */
import type { TimelineEntry } from '../../workflows/messages.js';
import type { RehearsedOutcome } from '../scenario/scenario.js';

export type ScenarioResult = Rehearsal | NotRehearsed;

/** A scenario that does not apply to the spec. */
export interface NotRehearsed {
  kind: 'notRehearsed';
  scenario: string;
  about: string;
  /** A sentence. */
  reason: string;
}

export interface Rehearsal {
  kind: 'rehearsed';
  scenario: string;
  about: string;
  endpoint: string;
  outcome: RehearsedOutcome;
  reason: string;
  startedAt: string;
  /** End of the rollout. If it is unfinished: end of the rehearsal. */
  endedAt: string;
  /** Null if nothing bad happened. */
  cause: { at: string; message: string } | null;
  /** The moment from which the outcome was certain: the begin of the rollback, or the verified promotion. */
  decision: RehearsedDecision | null;
  /** Requests of users, counted by the emulator. */
  candidate: CandidateExposure;
  baseline: { requests: number; failed: number };
  instanceHours: { baseline: number; candidate: number };
  notifications: ReportedNotification[];
  events: ReportedEvent[];
  timeline: TimelineEntry[];
  /** Sentences on the account. */
  assumptions: string[];
  /** Empty without `expect`. */
  expectations: CheckedExpectation[];
}

export interface RehearsedDecision {
  at: string;
  /** After the cause; after the start if there is no cause. */
  afterSeconds: number;
}

export interface CandidateExposure {
  /** Different users that the candidate served. An estimate: every user sends requests equally often. */
  users: number;
  requests: number;
  failed: number;
  /** Copies of requests, whose users did not get the response. */
  copies: number;
  /** Requests since the cause. Null without a cause. */
  requestsSinceCause: number | null;
  /** The endpoint's users. */
  ofUsers: number;
}

export interface ReportedNotification {
  at: string;
  to: string;
  event: string;
  message: string;
}

/** An event of the scenario, or an approval. */
export interface ReportedEvent {
  at: string;
  message: string;
}

export interface CheckedExpectation {
  expected: string;
  found: string;
  isMet: boolean;
}
