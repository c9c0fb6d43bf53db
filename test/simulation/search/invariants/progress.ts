/** A rollout without a reason to stop goes through its bakes, once, and promotes. */
import { specStepsOf } from '../../../../src/plan/spec/cross-field-rules.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import type { CallRecord } from '../../../../src/emulator/account/calls.js';
import type { Record } from '../play/record.js';
import type { Happening } from '../scenario.js';
import { isOptional, serviceOf } from '../services.js';
import { errorRateRulesOf, neededRequestsOf } from './rules.js';
import { isOfTwoEndpoints, trafficChangesOf } from './traffic-changes.js';
import type { Invariant } from './violation.js';

/** Samples of the endpoint are at most this far apart. */
const sampleMs = 31_000;

/** Users stay at each share for its bake before the share grows, unless an operator promotes. */
export const everyShareBakes: Invariant = (record) => {
  const { scenario, done, given } = record;
  const isTouched = done.some(({ happening }) => happening.kind === 'external');
  const isCommanded = given.some(
    ({ command, answer }) => command.startsWith('promote') && answer === 'accepted',
  );
  if (isTouched || isCommanded || isOfTwoEndpoints(record)) return [];
  const bakes = bakesOf(scenario.spec);
  return trafficChangesOf(record)
    .filter(({ before, after, hasEffect }) => hasEffect && after > before && before > 0)
    .flatMap(({ atMs, before, after }) => {
      const bakeMs = bakes.get(Math.round(before)) ?? 0;
      const bakedMs = atMs - reachedMs(record, before, atMs);
      if (bakedMs >= bakeMs - sampleMs) return [];
      const [baked, planned] = [bakedMs, bakeMs].map((ms) => Math.round(ms / 1000));
      return [
        {
          atMs,
          message: `the candidate went to ${Math.round(after)} % after ${baked} s at ${Math.round(before)} %; the bake is ${planned} s`,
        },
      ];
    });
};

/** Milliseconds by share. */
function bakesOf(json: Record['scenario']['spec']): Map<number, number> {
  const bakes = new Map<number, number>();
  let share = 0;
  for (const step of specStepsOf(validateSpec(json))) {
    if (step.kind === 'setWeights') share = Math.round(step.weights.candidate);
    if (step.kind === 'bake') bakes.set(share, Math.min(bakes.get(share) ?? Infinity, step.seconds * 1000));
  }
  return bakes;
}

/** Since when the candidate has had that share, without a break. */
function reachedMs({ samples }: Record, share: number, atMs: number): number {
  let sinceMs = atMs;
  for (const sample of samples.filter((each) => each.atMs <= atMs).reverse()) {
    if (Math.abs(sample.candidateShare - share) > 0.5) break;
    sinceMs = sample.atMs;
  }
  return sinceMs;
}

const transient = [
  'throttle',
  'error500',
  'timeoutBeforeEffect',
  'timeoutAfterEffect',
  'lostResponse',
  'slow',
];
const maxHarmlessSeconds = 300;

/** Hiccups of calls, late metrics, workers that come back and commands that decide nothing end no healthy rollout. */
export const transientFailuresEndNothing: Invariant = (record) => {
  const { scenario, result, done, given, endedMs, samples } = record;
  if (
    result === null ||
    endedMs === null ||
    !['rolledBack', 'failed', 'inconclusive', 'rollbackFailed'].includes(result.outcome)
  )
    return [];
  const { spec, account } = scenario;
  const { candidate, requestsPerSecond, scaling } = account;
  const { guardrails, gates, freeze, goals, validation } = judgedPartsOf(spec);
  const isHealthy =
    candidate.errorRate < 0.005 && candidate.p50Ms < 100 && requestsPerSecond >= 20 && scaling === null;
  const mayStop = guardrails || gates || freeze || goals || validation;
  const hasServed = samples.some(({ candidateShare }) => candidateShare > 0);
  const isHarmless = done.every(({ happening }) => isHarmlessEvent(happening, hasServed));
  const isUndone = given.some(({ command, answer }) => command === 'undo' && answer === 'accepted');
  if (!isHealthy || mayStop || !isHarmless || isUndone || failedByChance(record) || hadTooFewRequests(record))
    return [];
  return [{ atMs: endedMs, message: `${result.outcome} without a reason in the account: ${result.reason}` }];
};

/** `onInconclusive` ends a rollout whose windows cannot have the requests that a guardrail needs. */
function hadTooFewRequests({ timeline, result }: Record): boolean {
  const last = timeline.findLast((entry) => entry.kind === 'verdict');
  return (
    result?.outcome === 'inconclusive' &&
    last?.verdicts.some(({ reason }) => reason === 'tooFewRequests') === true
  );
}

/** A bound is compared with the rate of a window as it is, and a window's rate differs from the model's. */
const chanceFactor = 5;

function failedByChance({ scenario, timeline }: Record): boolean {
  const { spec, account } = scenario;
  const isNear = errorRateRulesOf(spec).some(
    ({ belowPercent }) => belowPercent < chanceFactor * 100 * account.candidate.errorRate,
  );
  const failed = timeline.flatMap((entry) =>
    entry.kind === 'verdict' ? entry.verdicts.filter(({ result }) => result === 'fail') : [],
  );
  return isNear && failed.length > 0 && failed.every(({ message }) => message.startsWith('error rate '));
}

/** Whether the spec has rules that may end a healthy rollout. */
function judgedPartsOf(json: Record['scenario']['spec']) {
  const { guardrails, gates, freeze, goals, validate } = validateSpec(json);
  return {
    guardrails: guardrails.some((rule) => !['alarm', 'rate'].includes(rule.kind)),
    gates: gates.length > 0,
    freeze: freeze.length > 0,
    goals: goals.length > 0,
    validation: validate !== undefined,
  };
}

/** `hasServed`: before, a rollout that is refused access changes nothing and fails. */
function isHarmlessEvent(happening: Happening, hasServed: boolean): boolean {
  if (happening.kind === 'fault') {
    const { fault, count, seconds, operation } = happening;
    if (fault !== 'wrongData' && isOptional(serviceOf(operation))) return true;
    if (fault === 'accessDenied') return hasServed && count <= 2;
    return transient.includes(fault) && count <= 4 && seconds <= 30;
  }
  if (happening.kind === 'serviceAway') return isOptional(happening.service);
  if (happening.kind === 'workerDown' || happening.kind === 'workerDiesInCall')
    return happening.forSeconds <= maxHarmlessSeconds;
  return happening.kind === 'command' || happening.kind === 'gateAnswer';
}

const maxReads = 6;

/**
 * A window that has its data is read once, however often the rollout polls. Retries after failures may read it again, and
 * each poll reads it until CloudWatch has published its data.
 */
export const everyWindowIsReadOnce: Invariant = (record) => {
  const { calls, foreign, hits, down, withoutMetrics, scenario, done } = record;
  const isQuiet =
    scenario.account.requestsPerSecond < 20 ||
    hasShadowWithoutConversions(scenario.spec) ||
    done.some(
      ({ happening }) =>
        ['traffic', 'clockSkew', 'metricsWithheld'].includes(happening.kind) ||
        // Someone else can take all users away from the candidate.
        (happening.kind === 'external' && happening.change.what === 'weights'),
    );
  if (withoutMetrics.length > 0 || isQuiet || hasShortWindows(record)) return [];
  const allowed = maxReads + hits.length + down.length;
  const reads = new Map<string, CallRecord[]>();
  for (const call of calls) {
    if (call.operation !== 'GetMetricData' || call.outcome !== 'ok' || foreign.has(call)) continue;
    const { StartTime, EndTime, MetricDataQueries } = call.parameters;
    if (call.at < Date.parse(String(EndTime)) + scenario.account.lateMs) continue;
    if (hadNoInstances(record, Date.parse(String(StartTime)), Date.parse(String(EndTime)))) continue;
    const key = `${StartTime} to ${EndTime}: ${MetricDataQueries}`;
    reads.set(key, [...(reads.get(key) ?? []), call]);
  }
  return [...reads].flatMap(([window, of]) =>
    of.length > allowed
      ? [{ atMs: of[allowed]?.at ?? 0, message: `read ${of.length} times: ${window.slice(0, 60)}` }]
      : [],
  );
};

/** Whether a variant had no instances at some time of a window: its requests fail and have no latency. */
function hadNoInstances({ samples }: Record, fromMs: number, toMs: number): boolean {
  return samples.some(
    ({ atMs, live }) =>
      atMs >= fromMs - sampleMs &&
      atMs <= toMs + sampleMs &&
      live?.variants.some(({ count }) => count === 0) === true,
  );
}

/** Users do not see the answers of a shadow, so its custom metrics have no data. */
function hasShadowWithoutConversions(spec: Record['scenario']['spec']): boolean {
  const { guardrails } = validateSpec(spec);
  const isCustom = guardrails.some(({ kind }) => !['alarm', 'rate', 'latency'].includes(kind));
  return isCustom && hasShadow(spec);
}

function hasShadow({ strategy }: Record['scenario']['spec']): boolean {
  return JSON.stringify(strategy).includes('"shadow"');
}

/** A window with fewer requests than a guardrail needs is read again, together with the next one. */
function hasShortWindows(record: Record): boolean {
  const { spec, account } = record.scenario;
  const ofUsers = trafficChangesOf(record).flatMap(({ after }) => (after > 0 ? [after] : []));
  const shares = [...ofUsers, ...mirrorSharesOf(spec)];
  // A candidate without users has no requests in any window, unless it is a shadow.
  if (shares.length === 0) return true;
  const perSecond = (account.requestsPerSecond * Math.min(...shares)) / 100;
  return neededRequestsOf(spec).some(
    ({ windowMs, minimumRequests }) => (perSecond * windowMs) / 1000 < 1.5 * minimumRequests,
  );
}

/** Shares of the requests that shadows get copies of, in percent. */
function mirrorSharesOf(json: Record['scenario']['spec']): number[] {
  return specStepsOf(validateSpec(json)).flatMap((step) =>
    step.kind === 'deploy' && step.arrangement.kind === 'shadow' ? [step.arrangement.mirrorPercent] : [],
  );
}

/** A rollout sees an external change only if someone else, or AWS, has changed something. */
export const onlyRealDrift: Invariant = ({ timeline, done, scenario }) => {
  const harmless = ['alarm', 'behaviour', 'traffic', 'gateAnswer', 'workerDown', 'workerDiesInCall'];
  const isUndisturbed =
    scenario.account.staleReadsMs === 0 &&
    scenario.account.scaling === null &&
    done.every(
      ({ happening }) =>
        harmless.includes(happening.kind) ||
        happening.kind === 'command' ||
        (happening.kind === 'fault' && transient.includes(happening.fault)),
    );
  if (!isUndisturbed) return [];
  return timeline.flatMap((entry) =>
    entry.kind === 'verdict' && entry.report === 'drift'
      ? [{ atMs: Date.parse(entry.at), message: entry.message }]
      : [],
  );
};
