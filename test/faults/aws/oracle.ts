/** What must be so however a rollout ends, judged by the emulator's own state and log. Sentences; empty: nothing is wrong. */
import { isDeepStrictEqual } from 'node:util';
import { outcomes } from '../../../src/plan/outcome.js';
import type { Served } from '../../e2e/aws-account.js';
import { findUnjudged } from './judged.js';
import type { Evidence } from './run-scenario.js';
import type { Scenario } from './scenarios.js';

/** What is known of a rollout's end: enough for whether it is verified and tidy. */
export type Ending = Pick<
  Evidence,
  'atEnd' | 'endpoint' | 'injection' | 'names' | 'result' | 'rolloutId' | 'wasReleased'
> & { story: Pick<Scenario, 'startsLive' | 'trainsCandidate'> };

export function findViolations(evidence: Evidence): string[] {
  const { outcome } = evidence.result;
  if (!outcomes.includes(outcome)) return [`${String(outcome)} is no outcome`];
  return [
    ...findWrongOutcome(evidence),
    ...(outcome === 'promoted' ? findUnjudged(evidence) : []),
    ...(outcome === 'rollbackFailed' ? findSilence(evidence) : findUnverified(evidence)),
    ...findVagueHold(evidence),
    ...(outcome === 'rollbackFailed' ? findUnnamed(evidence) : findLeftBehind(evidence)),
    ...findDoubles(evidence),
  ];
}

/** What passes by itself, and before the limits of the spec are over, changes nothing about how a rollout ends. */
function findWrongOutcome({ story, injection, result, wasReleased }: Evidence): string[] {
  const { outcome, reason } = result;
  if (story.outcome !== 'promoted' && outcome === 'promoted') return ['what must not be promoted is'];
  if (outcome === 'aborted' && !wasReleased && story.abortsIn === undefined) return ['nobody aborted it'];
  if (outcome === story.outcome || injection === null || injection.trouble.kind === 'inProgress') return [];
  // Preflight has ten minutes for all of its attempts.
  const isPreflights = injection.act === 'preflight' && injection.trouble.lasts === 'tenMinutes';
  if (injection.trouble.lasts === 'forGood' || isPreflights) return [];
  return [`ended ${outcome}, not ${story.outcome}: ${reason}`];
}

/** The candidate alone, or the baseline alone; before anything was made, nothing. */
export function findUnverified(ending: Ending): string[] {
  const { atEnd, endpoint, injection, names, rolloutId, result, story } = ending;
  const promoted = {
    config: names.singleConfig.candidate,
    variant: names.variant.candidate,
    model: (story.trainsCandidate ?? !story.startsLive) ? `${rolloutId}-b` : `${endpoint}-2`,
    count: story.startsLive ? 2 : 1,
  };
  const before = story.startsLive
    ? { config: `${endpoint}-original`, variant: 'AllTraffic', model: `${endpoint}-1`, count: 2 }
    : {
        config: names.singleConfig.baseline,
        variant: names.variant.baseline,
        model: `${rolloutId}-a`,
        count: 1,
      };
  const { config, variant, model, count } = result.outcome === 'promoted' ? promoted : before;
  const { served } = atEnd;
  const isNothing = served.status === undefined && !atEnd.endpoints.includes(endpoint);
  const mayBeNothing = !story.startsLive && ['failed', 'aborted'].includes(result.outcome);
  if (isNothing && mayBeNothing) return [];
  // Maintenance that began after the last look changes nothing of what serves.
  const isMaintained = injection?.trouble.kind === 'inProgress' && served.status === 'SystemUpdating';
  const wanted: Served = {
    status: isMaintained ? 'SystemUpdating' : 'InService',
    config,
    variants: [{ name: variant, model, share: 100, count }],
    configs: [],
  };
  if (isDeepStrictEqual(served, wanted)) return [];
  return [`${result.outcome}, but the endpoint is ${JSON.stringify(served)}`];
}

/** A person was called, and told what the trouble is. */
function findSilence(evidence: Evidence): string[] {
  const { notices, result } = evidence;
  const page = notices.find(({ event }) => event === 'page');
  if (!page) return ['rollbackFailed without a page'];
  if (!isNamed(page.message, evidence)) return [`the page is vague: ${page.message}`];
  return result.reason === page.message ? [] : [`the page says ${page.message}, the result ${result.reason}`];
}

/** Where the test had to end a hold, whoever was told of it knew what to mend. */
function findVagueHold(evidence: Evidence): string[] {
  if (!evidence.wasReleased) return [];
  const hold = evidence.notices.findLast(({ event }) => event === 'hold');
  return hold && isNamed(hold.message, evidence) ? [] : [`the hold is vague: ${hold?.message}`];
}

function isNamed(message: string, { injection }: Evidence): boolean {
  return injection?.trouble.kind !== 'accessDenied' || /not authorized/.test(message);
}

/** What is tagged as the rollout's and serves nobody is in its leftovers, and no job goes on. */
export function findLeftBehind({ atEnd, endpoint, injection, result, wasReleased }: Ending): string[] {
  const { leftovers } = result;
  const expected = [
    ...atEnd.configs.filter((name) => name !== atEnd.served.config).map((name) => `endpoint config ${name}`),
    ...atEnd.endpoints.filter((name) => name !== endpoint).map((name) => `endpoint ${name}`),
  ].sort();
  const problems = atEnd.jobs
    .filter(({ status }) => status === 'InProgress' || status === 'Stopping')
    .map(({ name, status }) => `job ${name} is ${status}`);
  // Where it may not look, it cannot know that there is nothing; and somebody else's under its name is not its own to delete.
  const kind = injection?.trouble.kind;
  const mayNotLook = kind === 'accessDenied' && injection?.operation.startsWith('Describe') === true;
  const mayName = mayNotLook || kind === 'inProgress';
  const said = mayName ? leftovers.filter((name) => expected.includes(name)) : leftovers;
  if (!isDeepStrictEqual([...said].sort(), expected))
    problems.push(`left over ${expected.join(', ')}, but it says ${leftovers.join(', ')}`);
  return wasReleased && result.outcome !== 'aborted' ? [...problems, 'an abort did not win'] : problems;
}

/** Who has to clean up is told of all that there is. */
function findUnnamed({ atEnd, result }: Evidence): string[] {
  const there = [
    ...atEnd.configs.map((name) => `endpoint config ${name}`),
    ...atEnd.endpoints.map((name) => `endpoint ${name}`),
  ];
  const unnamed = there.filter((name) => !result.leftovers.includes(name));
  return unnamed.map((name) => `${name} is left, and not named`);
}

/** Whatever becomes of answers, nothing is made or changed twice. */
function findDoubles({ calls, atEnd, injection, timeline }: Evidence): string[] {
  const effects = new Map<string, number>();
  for (const { operation, outcome, parameters } of calls) {
    const isEffect = ['ok', 'lostResponse', 'timeoutAfterEffect'].includes(outcome);
    if (!isEffect || !/^(Create|Update|Delete|Stop)/.test(operation)) continue;
    const about = Object.entries(parameters).filter(([name]) => /Name$|Arn$/.test(name));
    const key = [operation, ...about.map(([, value]) => value)].join(' ');
    effects.set(key, (effects.get(key) ?? 0) + 1);
  }
  const isRivals = (key: string) =>
    injection?.trouble.kind === 'inProgress' && key.startsWith(`${injection.operation} `);
  const shifts = timeline.filter(({ kind }) => kind === 'weights').length;
  const problems = [...effects]
    .filter(([key, times]) => times > (mayBeRepeated(key) ? shifts + 3 : isRivals(key) ? 2 : 1))
    .map(([key, times]) => `${key}: ${times} times`);
  const versions = atEnd.versions.filter((text) => text?.startsWith('Penstock'));
  return new Set(versions).size === versions.length ? problems : [...problems, 'a version was added twice'];
}

/** Weights and counts, step by step; versions of one group; and an approval, which the SDK may send again by itself. */
function mayBeRepeated(effect: string): boolean {
  return /^(UpdateEndpointWeightsAndCapacities|CreateModelPackage|UpdateModelPackage) /.test(effect);
}
