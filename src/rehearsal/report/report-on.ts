/** Makes the report of a rehearsal that is over. */
import {
  statusQuery,
  timelineQuery,
  type RolloutStatus,
  type TimelineEntry,
} from '../../workflows/messages.js';
import type { RehearsedRollout, Served } from '../run/rehearsed-rollout.js';
import type { SentNotification } from '../run/receivers.js';
import { assumptionsOf } from './assumptions.js';
import { checkExpectation } from './expectations.js';
import type { CandidateExposure, RehearsedDecision, Rehearsal } from './rehearsal-report.js';

const hourMs = 3_600_000;

export async function reportOn(rollout: RehearsedRollout): Promise<Rehearsal> {
  const { scenario, plan, handle, cause, startMs, simulation, receivers, servedBefore } = rollout;
  const timeline = await handle.query(timelineQuery);
  const status = await handle.query(statusQuery);
  const served = await rollout.served();
  const [baseline, candidate] = (['baseline', 'candidate'] as const).map((role) =>
    difference(rollout.modelOf(role), served, servedBefore),
  ) as [Difference, Difference];
  const sent = [...receivers.sent, ...simulation.publications.map(published)];
  const report: Omit<Rehearsal, 'expectations'> = {
    ...{ kind: 'rehearsed', scenario: scenario.name, about: scenario.about, endpoint: plan.endpoint },
    outcome: status.outcome !== null && rollout.hasEnded ? status.outcome : 'unfinished',
    reason: reasonOf(status),
    startedAt: isoOf(startMs),
    endedAt: isoOf(rollout.nowMs),
    cause: cause && { at: isoOf(cause.atMs), message: cause.message },
    decision: decisionIn(timeline, cause?.atMs ?? startMs),
    candidate: exposureOf(rollout, candidate, served),
    baseline: { requests: baseline.requests, failed: baseline.failed },
    instanceHours: {
      baseline: round(baseline.instanceMs / hourMs),
      candidate: round(candidate.instanceMs / hourMs),
    },
    notifications: sent
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, ...notification }) => ({ at: isoOf(atMs), ...notification })),
    events: rollout.events.map(({ atMs, message }) => ({ at: isoOf(atMs), message })),
    timeline,
    assumptions: assumptionsOf(rollout),
  };
  const expectations = scenario.expect === null ? [] : checkExpectation(scenario.expect, report);
  return { ...report, expectations };
}

interface Difference {
  requests: number;
  failed: number;
  copies: number;
  instanceMs: number;
}

function difference(model: string | null, now: Served, before: Served): Difference {
  const none = { requests: 0, failed: 0, copies: 0, instanceMs: 0 };
  const [end, begin] = [now.get(model ?? '') ?? none, before.get(model ?? '') ?? none];
  return {
    requests: end.requests - begin.requests,
    failed: end.failed - begin.failed,
    copies: end.copies - begin.copies,
    instanceMs: end.instanceMs - begin.instanceMs,
  };
}

function exposureOf(
  rollout: RehearsedRollout,
  { requests, failed, copies }: Difference,
  served: Served,
): CandidateExposure {
  const { cause, account, traffic } = rollout;
  const ofUsers = account.traffic.users;
  return {
    users: usersReached(requests, ofUsers * traffic.stickyShare),
    ...{ requests, failed, copies, ofUsers },
    requestsSinceCause: cause && difference(rollout.modelOf('candidate'), served, cause.served).requests,
  };
}

/** Users that at least one of the requests came from, if all send equally often: Poisson with this mean. */
function usersReached(requests: number, users: number): number {
  return users <= 0 ? 0 : Math.round(users * (1 - Math.exp(-requests / users)));
}

/** The begin of the rollback, the verified promotion, or the end of a rollout that had nothing to roll back. */
function decisionIn(timeline: TimelineEntry[], causeMs: number): RehearsedDecision | null {
  const decided = timeline.find(
    (entry) =>
      (entry.kind === 'phase' && ['rollingBack', 'rollbackWindow', 'promoting'].includes(entry.phase)) ||
      (entry.kind === 'decision' && entry.outcome !== undefined),
  );
  if (decided === undefined) return null;
  return { at: decided.at, afterSeconds: Math.round((Date.parse(decided.at) - causeMs) / 1000) };
}

function reasonOf({ reason, hold, waitingFor, outcome }: RolloutStatus): string {
  if (outcome !== null) return reason;
  if (hold !== null) return `holding: ${hold.message}`;
  return waitingFor === null ? reason : `waiting for ${waitingFor.what}`;
}

function published({
  atMs,
  topicArn,
  message,
  subject,
}: RehearsedRollout['simulation']['publications'][number]): SentNotification {
  const content = JSON.parse(message) as { event?: string; message?: string };
  return { atMs, to: topicArn, event: content.event ?? subject, message: content.message ?? '' };
}

function round(hours: number): number {
  return Math.round(hours * 10) / 10;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
