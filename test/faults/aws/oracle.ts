/**
 * Invariants of every rollout, whatever its outcome. The emulator's state and log are the evidence. Each violation is a
 * message; an empty list means no violation.
 */
import { isDeepStrictEqual } from 'node:util';
import { outcomes } from '../../../src/plan/outcome.js';
import type { Served } from '../../e2e/aws-account.js';
import { findUnprovenPromotion } from './bake-evidence.js';
import type { Evidence } from './run-scenario.js';
import type { Scenario } from './scenarios.js';

/** The part of the evidence that shows whether the end of a rollout is verified and complete. */
export type Ending = Pick<
  Evidence,
  'atEnd' | 'endpoint' | 'injection' | 'names' | 'result' | 'rolloutId' | 'wasReleased'
> & { scenario: Pick<Scenario, 'keepsOwnName' | 'startsLive' | 'trainsCandidate'> };

export function findViolations(evidence: Evidence): string[] {
  const { outcome } = evidence.result;
  if (!outcomes.includes(outcome)) return [`unknown outcome ${String(outcome)}`];
  return [
    ...findWrongOutcome(evidence),
    ...(outcome === 'promoted' ? findUnprovenPromotion(evidence) : []),
    ...(outcome === 'rollbackFailed' ? findMissingPage(evidence) : findUnverified(evidence)),
    ...findVagueHold(evidence),
    ...(outcome === 'rollbackFailed' ? findUnreported(evidence) : findLeftBehind(evidence)),
    ...(outcome === 'rollbackFailed' ? [] : findChangedScaling(evidence)),
    ...findDuplicates(evidence),
  ];
}

/** A temporary fault that ends before the time limits of the spec must not change the outcome. */
function findWrongOutcome({ scenario, injection, result, wasReleased }: Evidence): string[] {
  const { outcome, reason } = result;
  if (scenario.outcome !== 'promoted' && outcome === 'promoted')
    return ['promoted, but the scenario must not be promoted'];
  if (outcome === 'aborted' && !wasReleased && scenario.abortsIn === undefined)
    return ['aborted, but no client sent an abort'];
  if (outcome === scenario.outcome || injection === null || injection.fault.kind === 'inProgress') return [];
  // Preflight has ten minutes for all of its attempts.
  const exceedsPreflight = injection.action === 'preflight' && injection.fault.lasts === 'tenMinutes';
  if (injection.fault.lasts === 'forever' || exceedsPreflight) return [];
  return [`ended ${outcome}, not ${scenario.outcome}: ${reason}`];
}

/** Only the candidate or only the baseline is in service. If nothing was created yet, there is no endpoint. */
export function findUnverified(ending: Ending): string[] {
  const { atEnd, endpoint, injection, names, rolloutId, result, scenario } = ending;
  const before = scenario.startsLive
    ? { config: `${endpoint}-original`, variant: 'AllTraffic', model: `${endpoint}-1`, count: 2 }
    : {
        config: names.singleConfig.baseline,
        variant: names.variant.baseline,
        model: `${rolloutId}-a`,
        count: 1,
      };
  const promoted = {
    config: names.singleConfig.candidate,
    variant: scenario.keepsOwnName ? names.variant.candidate : before.variant,
    model: (scenario.trainsCandidate ?? !scenario.startsLive) ? `${rolloutId}-b` : `${endpoint}-2`,
    count: before.count,
  };
  const { config, variant, model, count } = result.outcome === 'promoted' ? promoted : before;
  const { served } = atEnd;
  const isNothing = served.status === undefined && !atEnd.endpoints.includes(endpoint);
  const mayBeNothing = !scenario.startsLive && ['failed', 'aborted'].includes(result.outcome);
  if (isNothing && mayBeNothing) return [];
  // Maintenance may begin after the last check. It does not change the variants in service.
  const isMaintained = injection?.fault.kind === 'inProgress' && served.status === 'SystemUpdating';
  const expected: Served = {
    status: isMaintained ? 'SystemUpdating' : 'InService',
    config,
    variants: [{ name: variant, model, share: 100, count }],
    configs: [],
  };
  if (isDeepStrictEqual(served, expected) || isPromotedBesideBaseline(ending)) return [];
  return [`${result.outcome}, but the endpoint is ${JSON.stringify(served)}`];
}

/**
 * After a verified promotion, the last update failed for good. The baseline's variant stays without traffic, and is
 * reported.
 */
function isPromotedBesideBaseline({ atEnd, injection, names, result, endpoint }: Ending): boolean {
  const kept = atEnd.served.variants?.filter(({ name }) => name !== names.variant.candidate) ?? [];
  return (
    result.outcome === 'promoted' &&
    injection?.fault.lasts === 'forever' &&
    kept.length === 1 &&
    kept.every(
      ({ name, share }) =>
        share === 0 && result.leftovers.includes(`variant ${name} of endpoint ${endpoint}`),
    )
  );
}

/** Exactly the variants in service scale, as the baseline did. A baseline that is left over keeps its scale-in suspended. */
function findChangedScaling({ atEnd, endpoint, result, scalings }: Evidence): string[] {
  const { before, after } = scalings;
  const [scaling] = Object.values(before);
  const left = atEnd.served.variants?.filter(({ name }) =>
    result.leftovers.includes(`variant ${name} of endpoint ${endpoint}`),
  );
  if (left?.length !== 0) return [];
  const served = atEnd.served.variants?.map(({ name }) => [`${endpoint}/${name}`, scaling]) ?? [];
  const expected = scaling === undefined ? {} : (Object.fromEntries(served) as typeof after);
  return isDeepStrictEqual(after, expected) ? [] : [`the scaling is ${JSON.stringify(after)}`];
}

/** An operator was paged, and the page names the cause. */
function findMissingPage(evidence: Evidence): string[] {
  const { notices, result } = evidence;
  // A rollback that is stuck pages too. The last page says how it ended.
  const page = notices.findLast(({ event }) => event === 'page');
  if (!page) return ['rollbackFailed without a page'];
  if (!namesCause(page.message, evidence)) return [`the page does not name the cause: ${page.message}`];
  return result.reason === page.message ? [] : [`the page says ${page.message}, the result ${result.reason}`];
}

/** If the test had to end a hold, the notification of the hold named the cause. */
function findVagueHold(evidence: Evidence): string[] {
  if (!evidence.wasReleased) return [];
  const hold = evidence.notices.findLast(({ event }) => event === 'hold');
  return hold && namesCause(hold.message, evidence)
    ? []
    : [`the hold does not name the cause: ${hold?.message}`];
}

function namesCause(message: string, { injection }: Evidence): boolean {
  return injection?.fault.kind !== 'accessDenied' || /not authorized/.test(message);
}

/** Resources with the rollout's tag that do not serve users are in its leftovers, and no job is running. */
export function findLeftBehind({ atEnd, endpoint, injection, result, wasReleased }: Ending): string[] {
  const { leftovers } = result;
  const expected = [
    ...atEnd.configs.filter((name) => name !== atEnd.served.config).map((name) => `endpoint config ${name}`),
    ...atEnd.endpoints.filter((name) => name !== endpoint).map((name) => `endpoint ${name}`),
  ].sort();
  const problems = atEnd.jobs
    .filter(({ status }) => status === 'InProgress' || status === 'Stopping')
    .map(({ name, status }) => `job ${name} is ${status}`);
  // Without read access the rollout cannot know that a resource does not exist. A resource of another owner with its name
  // is not the rollout's to delete. In both cases it may report more than it left.
  const kind = injection?.fault.kind;
  const isReadDenied = kind === 'accessDenied' && injection?.operation.startsWith('Describe') === true;
  const mayReportMore = isReadDenied || kind === 'inProgress';
  const resources = leftovers.filter((name) => !/^(variant|record of) /.test(name));
  const reported = mayReportMore ? leftovers.filter((name) => expected.includes(name)) : resources;
  if (!isDeepStrictEqual([...reported].sort(), expected))
    problems.push(`left over ${expected.join(', ')}, but reported ${leftovers.join(', ')}`);
  return wasReleased && result.outcome !== 'aborted'
    ? [...problems, 'the outcome of an abort is not aborted']
    : problems;
}

/** The leftovers list all remaining resources, for the operator who cleans up. */
function findUnreported({ atEnd, result }: Evidence): string[] {
  const remaining = [
    ...atEnd.configs.map((name) => `endpoint config ${name}`),
    ...atEnd.endpoints.map((name) => `endpoint ${name}`),
  ];
  const unreported = remaining.filter((name) => !result.leftovers.includes(name));
  return unreported.map((name) => `${name} remains, and is not reported`);
}

/** No resource is created or changed twice, even if responses are lost. */
function findDuplicates({ calls, atEnd, injection, timeline }: Evidence): string[] {
  const effects = new Map<string, number>();
  for (const { operation, outcome, parameters } of calls) {
    const isEffect = ['ok', 'lostResponse', 'timeoutAfterEffect'].includes(outcome);
    if (!isEffect || !/^(Create|Update|Delete|Stop)/.test(operation)) continue;
    const about = Object.entries(parameters).filter(([name]) => /Name$|Arn$/.test(name));
    const key = [operation, ...about.map(([, value]) => value)].join(' ');
    effects.set(key, (effects.get(key) ?? 0) + 1);
  }
  const isExternal = (key: string) =>
    injection?.fault.kind === 'inProgress' && key.startsWith(`${injection.operation} `);
  const shifts = timeline.filter(({ kind }) => kind === 'weights').length;
  const problems = [...effects]
    .filter(([key, times]) => times > (mayBeRepeated(key) ? shifts + 3 : isExternal(key) ? 2 : 1))
    .map(([key, times]) => `${key}: ${times} times`);
  const versions = atEnd.versions.filter((text) => text?.startsWith('Penstock'));
  return new Set(versions).size === versions.length ? problems : [...problems, 'a version was added twice'];
}

/** Weights and counts change in steps, a group has several versions, and the SDK may resend an approval. */
function mayBeRepeated(effect: string): boolean {
  return /^(UpdateEndpointWeightsAndCapacities|CreateModelPackage|UpdateModelPackage) /.test(effect);
}
