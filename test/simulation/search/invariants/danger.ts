/** The times in which users get a candidate that a guardrail must end, and whether the rollout acts in time. */
import { cadenceOf, errorRateRulesOf, guardedAlarmsOf } from './rules.js';
import { deadlineOf, obstaclesOf } from './obstacles.js';
import { isPromotion, shareAt, trafficChangesOf, type TrafficChange } from './traffic-changes.js';
import type { Record, Span } from '../play/record.js';
import { pollSeconds, type Behaviour } from '../scenario.js';
import type { Invariant, Violation } from './violation.js';

const pollMs = pollSeconds * 1000;
/** One attempt has 60 s, and its retry waits up to 30 s. */
const attemptMs = 90_000;
/** The calls that a rollout needs to see an alarm and to move users. It needs no metrics. */
const neededForAlarms =
  /^(DescribeAlarms|DescribeEndpoint|DescribeEndpointConfig|ListTags|CreateEndpointConfig|Update.*|.*Tags)$/;
const neededForBounds = /./;

interface Danger extends Span {
  what: string;
}

/** A firing alarm moves users back within one poll, whatever else is going on. */
export const firingAlarmIsActedOn: Invariant = (record) =>
  alarmSpansOf(record).flatMap((danger) =>
    findUnheeded(record, danger, pollMs + attemptMs, neededForAlarms, []),
  );

/** A gross breach of a bound, for which one window is enough, moves users back within a window, its data's delay and one poll, whatever else is going on. */
export const breachedBoundIsActedOn: Invariant = (record) =>
  errorRateRulesOf(record.scenario.spec).flatMap((rule) => {
    const { periodMs } = cadenceOf(record.scenario.spec);
    // A window begins at the next period, and its data is complete when it is visible.
    const budgetMs =
      2 * rule.windowMs +
      periodMs +
      Math.max(rule.dataDelayMs, record.scenario.account.lateMs) +
      pollMs +
      attemptMs;
    const blind = [...record.withoutMetrics, ...metricHitsOf(record)].map(({ fromMs, toMs }) => ({
      fromMs: fromMs - budgetMs,
      toMs: toMs + budgetMs,
    }));
    return breachSpansOf(record, rule).flatMap((danger) =>
      findUnheeded(record, danger, budgetMs, neededForBounds, blind),
    );
  });

function metricHitsOf({ hits }: Record): Span[] {
  return hits.filter(({ operation }) => operation === 'GetMetricData');
}

/** Only the times with users of the candidate count, each for itself. */
function findUnheeded(
  record: Record,
  danger: Danger,
  budgetMs: number,
  needed: RegExp,
  blind: Span[],
): Violation[] {
  const changes = trafficChangesOf(record);
  const promotedMs = changes.find(isPromotion)?.atMs ?? Infinity;
  const endMs = Math.min(danger.toMs, promotedMs, record.endedMs ?? Infinity);
  for (const served of servedSpansOf(record)) {
    const fromMs = Math.max(danger.fromMs, served.fromMs);
    const toMs = Math.min(endMs, served.toMs);
    if (toMs <= fromMs || isMovingBack(changes, fromMs)) continue;
    const movedMs =
      changes.find(({ atMs, before, after }) => atMs >= fromMs && after < before)?.atMs ?? Infinity;
    const deadlineMs = deadlineOf(fromMs, budgetMs, [...obstaclesOf(record, { fromMs, needed }), ...blind]);
    if (deadlineMs >= Math.min(toMs, movedMs)) continue;
    const late =
      movedMs === Infinity
        ? 'no users were moved back'
        : `the first users were moved back ${seconds(movedMs - fromMs)} s later`;
    return [
      {
        atMs: deadlineMs,
        message: `${danger.what} while the candidate had ${Math.round(shareAt(record, fromMs))} % of the users, and ${late}; ${seconds(deadlineMs - fromMs)} s are allowed`,
      },
    ];
  }
  return [];
}

/** The newest request before that time asked for less. */
function isMovingBack(changes: TrafficChange[], atMs: number): boolean {
  const last = changes.findLast((change) => change.atMs <= atMs);
  return last !== undefined && last.after < last.before;
}

/** With users of the candidate. */
function servedSpansOf({ samples, endedMs }: Record): Span[] {
  const spans: Span[] = [];
  samples.forEach(({ atMs, candidateShare }, i) => {
    if (candidateShare <= 0) return;
    const toMs = samples[i + 1]?.atMs ?? endedMs ?? Infinity;
    const last = spans.at(-1);
    if (last && last.toMs === atMs) last.toMs = toMs;
    else spans.push({ fromMs: atMs, toMs });
  });
  return spans;
}

/** In which an alarm of a guardrail is in ALARM. */
export function alarmSpansOf(record: Record): Danger[] {
  return guardedAlarmsOf(record.scenario.spec).flatMap((alarm) => {
    const states = record.done.flatMap(({ atMs, happening }) =>
      happening.kind === 'alarm' && happening.alarm === alarm ? [{ atMs, state: happening.state }] : [],
    );
    const spans: Danger[] = [];
    for (const { atMs, state } of states) {
      const last = spans.at(-1);
      const isOn = last?.toMs === Infinity;
      if (state === 'ALARM' && !isOn) spans.push({ fromMs: atMs, toMs: Infinity, what: `${alarm} fired` });
      else if (state !== 'ALARM' && isOn) last.toMs = atMs;
    }
    return spans;
  });
}

/** In which the candidate certainly fails more requests than the bound allows, of enough requests. */
function breachSpansOf(record: Record, rule: ReturnType<typeof errorRateRulesOf>[number]): Danger[] {
  const { scenario, startMs, samples, done } = record;
  let behaviour: Behaviour = scenario.account.candidate;
  let requestsPerSecond = scenario.account.requestsPerSecond;
  let share = 0;
  const moments = [
    { atMs: startMs, apply: () => undefined },
    ...samples.map(({ atMs, candidateShare }) => ({ atMs, apply: () => void (share = candidateShare) })),
    ...done.map(({ atMs, happening }) => ({
      atMs,
      apply: () => {
        if (happening.kind === 'behaviour' && happening.model === 'candidate')
          behaviour = happening.behaviour;
        if (happening.kind === 'traffic') requestsPerSecond = happening.requestsPerSecond;
      },
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  const spans: Danger[] = [];
  moments.forEach(({ atMs, apply }, i) => {
    const before = share;
    apply();
    const percent = 100 * behaviour.errorRate;
    const requests = (requestsPerSecond * share * rule.windowMs) / 100_000;
    const isBreach = rule.isGross(percent, requests);
    const last = spans.at(-1);
    const isOn = last?.toMs === Infinity;
    // Each share has windows of its own.
    if (isOn && (!isBreach || share !== before)) last.toMs = atMs;
    if (isBreach && spans.at(-1)?.toMs !== Infinity && (moments[i + 1]?.atMs ?? Infinity) > atMs)
      spans.push({
        fromMs: atMs,
        toMs: Infinity,
        what: `${percent} % of requests failed, and ${rule.belowPercent} % are allowed,`,
      });
  });
  return spans;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
