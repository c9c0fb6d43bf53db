/** How a rollout ends, by the account. */
import { findLeftBehind } from '../../../faults/aws/oracle.js';
import { isOfTwoEndpoints } from './traffic-changes.js';
import { errorRateRulesOf } from './rules.js';
import type { SpecJson } from '../../../../src/client/start-options.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import { isCandidate } from '../scenario.js';
import { isOptional, serviceOf } from '../services.js';
import { originalConfig, originalVariant } from '../play/people.js';
import type { Record } from '../play/record.js';
import type { Invariant } from './violation.js';

/** A rollout ends, or says what it waits for and ends by an abort. */
export const everyRolloutEnds: Invariant = ({ atHorizon, endedMs, failure, startMs, samples }) => {
  const lastMs = samples.at(-1)?.atMs ?? startMs;
  if (failure !== null) return [{ atMs: endedMs ?? lastMs, message: `the workflow failed: ${failure}` }];
  if (endedMs === null)
    return [{ atMs: lastMs, message: `it had not ended hours after an abort, in phase ${atHorizon?.phase}` }];
  if (atHorizon === null) return [];
  const { hold, gate, paused, waitingFor, phase } = atHorizon;
  if (hold !== null || gate !== null || paused || waitingFor !== null) return [];
  return [
    { atMs: endedMs, message: `after hours it was in phase ${phase}, and did not say what it waits for` },
  ];
};

/** Only the winner serves, on enough instances. */
export const onlyTheWinnerServes: Invariant = (record) => {
  const { result, atEnd, endedMs, scenario, done } = record;
  if (result === null || endedMs === null || result.outcome === 'rollbackFailed' || wasReplaced(record))
    return [];
  const { served } = atEnd;
  const isPromoted = result.outcome === 'promoted';
  const kept = result.leftovers.find((name) => name.startsWith('variant '));
  const ownConfig = kept === undefined ? `${result.rolloutId}-b` : `${result.rolloutId}-ab`;
  const config = isPromoted ? ownConfig : originalConfig;
  const serving = served.variants.filter(
    ({ name }) => kept !== `variant ${name} of endpoint ${scenario.spec.endpoint}`,
  );
  const [only] = serving;
  const problems: string[] = [];
  if (
    served.config !== config ||
    serving.length !== 1 ||
    only === undefined ||
    isCandidate(only.model ?? '') !== isPromoted ||
    !(only.share > 99.9)
  )
    problems.push(`${result.outcome}, but the endpoint is ${JSON.stringify(served)}`);
  const isScaled =
    scenario.account.scaling !== null ||
    (scenario.spec.serve as { count?: number } | undefined)?.count !== undefined ||
    done.some(({ happening }) => ['external', 'loseInstances', 'capacity'].includes(happening.kind)) ||
    isOfTwoEndpoints(record);
  if (!isScaled && only?.count !== undefined && only.count < scenario.account.count)
    problems.push(`${result.outcome} on ${only.count} instances; the baseline had ${scenario.account.count}`);
  return problems.map((message) => ({ atMs: endedMs, message }));
};

/** The variant that serves at the end has the name that the spec promises. */
export const nameIsAsPromised: Invariant = (record) => {
  const { result, atEnd, endedMs, scenario } = record;
  const isOver =
    result !== null && endedMs !== null && ['promoted', 'rolledBack', 'aborted'].includes(result.outcome);
  if (!isOver || wasReplaced(record) || result.leftovers.length > 0) return [];
  const expected =
    result.outcome === 'promoted' ? promisedName(scenario.spec, result.rolloutId ?? '') : originalVariant;
  const found = atEnd.served.variants.map(({ name }) => name);
  if (found.length === 1 && found[0] === expected) return [];
  return [
    { atMs: endedMs, message: `${result.outcome} with the variants ${found.join(', ')}, not ${expected}` },
  ];
};

function promisedName(spec: SpecJson, rolloutId: string): string {
  const { models, serve } = validateSpec(spec);
  const namesItsVariant = models.baseline.kind === 'live' && models.baseline.variant !== undefined;
  const { variantNames = { kind: namesItsVariant ? 'perRollout' : 'stable' } } = serve;
  switch (variantNames.kind) {
    case 'perRollout':
      return `b-${rolloutId.slice(-8)}`;
    case 'stable':
      return originalVariant;
    case 'alternate': {
      const [first, second] = variantNames.names;
      return first === originalVariant ? second : first;
    }
  }
}

/** Someone else decides which config and which owner the endpoint has. */
export function wasReplaced({ done }: Record): boolean {
  return done.some(
    ({ happening }) =>
      happening.kind === 'external' && ['config', 'deleteConfig', 'tags'].includes(happening.change.what),
  );
}

/** `leftovers` lists what remains, and nothing else. */
export const leftoversAreComplete: Invariant = (record) => {
  const { result, atEnd, endedMs, hits, scenario } = record;
  if (result === null || endedMs === null || result.outcome === 'rollbackFailed' || wasReplaced(record))
    return [];
  const denied = hits.find(
    ({ operation, fault }) =>
      /^(Describe|List)/.test(operation) &&
      serviceOf(operation) === 'sagemaker' &&
      ['accessDenied', 'wrongAccount'].includes(fault),
  );
  const injection = denied
    ? ({ operation: 'DescribeEndpointConfig', fault: { kind: 'accessDenied', lasts: 'once' } } as never)
    : null;
  const ending = {
    ...{ atEnd, endpoint: scenario.spec.endpoint, injection, names: {} as never, result },
    ...{ rolloutId: result.rolloutId ?? '', wasReleased: false, scenario: { startsLive: true } },
  };
  return findLeftBehind(ending).map((message) => ({ atMs: endedMs, message }));
};

/** A rollback fails only if AWS does not allow it. */
export const rollbackSucceeds: Invariant = ({ result, endedMs, hits, done }) => {
  if (result?.outcome !== 'rollbackFailed' || endedMs === null) return [];
  const isPrevented =
    hits.some(
      ({ fault, operation }) =>
        ['accessDenied', 'rollbackFailed', 'stuck', 'fail', 'noCapacity', 'quota'].includes(fault) &&
        !isOptional(serviceOf(operation)),
    ) ||
    done.some(
      ({ happening }) =>
        happening.kind === 'capacity' ||
        (happening.kind === 'external' && ['deleteConfig', 'tags', 'config'].includes(happening.change.what)),
    );
  return isPrevented ? [] : [{ atMs: endedMs, message: `rollbackFailed: ${result.reason}` }];
};

/** An endpoint that served continues to serve. */
export const endpointServes: Invariant = ({ samples, done }) => {
  if (done.some(({ happening }) => happening.kind === 'loseInstances')) return [];
  return samples.flatMap(({ atMs, live }) => {
    const isServing = live?.variants.some(({ weight, count }) => weight > 0 && count > 0) ?? false;
    return isServing ? [] : [{ atMs, message: `no model served: ${JSON.stringify(live)}` }];
  });
};

/** A candidate that fails far more requests than its bound allows, from the start, is not promoted by itself. */
export const badCandidateIsNotPromoted: Invariant = ({ scenario, result, done, given, endedMs }) => {
  if (result?.outcome !== 'promoted' || endedMs === null) return [];
  const { errorRate } = scenario.account.candidate;
  const [rule] = errorRateRulesOf(scenario.spec);
  const isBad = rule !== undefined && 100 * errorRate > 3 * rule.belowPercent;
  const isChanged = done.some(
    ({ happening }) => happening.kind === 'behaviour' && happening.model === 'candidate',
  );
  const isCommanded = given.some(
    ({ command, answer }) => command.startsWith('promote') && answer === 'accepted',
  );
  if (!isBad || isChanged || isCommanded) return [];
  return [
    {
      atMs: endedMs,
      message: `promoted, though ${100 * errorRate} % of requests failed and ${rule.belowPercent} % are allowed`,
    },
  ];
};
