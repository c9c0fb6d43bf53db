/** The scenarios that `penstock rehearse --scenario NAME` knows, for a spec and its account. */
import type { Goal } from '../../plan/compiled/goal.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { formatDuration } from '../../plan/units/durations.js';
import { alarmNamesOf, type RehearsedAccount } from '../account/rehearsed-account.js';
import { defaultAmountOf, defaultShareOf } from '../account/rule-metrics.js';
import { findClockChange } from './clock-change.js';
import { quietScenario, type EventEffect, type ModelProfile, type Scenario } from './scenario.js';
import { ownValue } from '../../plan/units/own-value.js';

/** Why a scenario does not apply to a spec: a sentence. */
export interface Inapplicable {
  reason: string;
}

interface Circumstances {
  plan: Plan;
  account: RehearsedAccount;
}

interface BuiltIn {
  name: string;
  about: string;
  /** The changes to a scenario in which nothing happens. */
  build: (given: Circumstances) => Partial<Scenario> | Inapplicable;
}

const hour = 3_600;
const day = 86_400;

const builtIns: BuiltIn[] = [
  { name: 'healthy', about: 'the candidate is as good as the baseline', build: () => ({}) },
  {
    name: 'errs-a-little',
    about: 'the candidate fails 1 % more of its requests than the baseline',
    build: ({ account }) => ({ candidate: { errorRate: (account.baseline.errorRate ?? 0) + 0.01 } }),
  },
  {
    name: 'errs-much',
    about: 'the candidate fails 10 % of its requests',
    build: () => ({ candidate: { errorRate: 0.1 } }),
  },
  {
    name: 'fails-at-once',
    about: 'the candidate fails all requests from the first one on',
    build: () => ({ candidate: { errorRate: 1 } }),
  },
  {
    name: 'errs-later',
    about: 'the candidate fails 10 % of its requests from the middle of the planned watch on',
    build: ({ plan }) => {
      const at = Math.round(watchedSecondsOf(plan) / 2);
      return {
        about: `the candidate fails 10 % of its requests from ${momentOf(at)} on`,
        events: [eventAt(at, { kind: 'candidateChanges', profile: { errorRate: 0.1 } })],
      };
    },
  },
  {
    name: 'slower',
    about: 'the candidate takes three times as long as the baseline',
    build: ({ account }) => {
      const slow = Object.entries(account.baseline.latencyMs ?? {}).map(([p, ms = 0]) => [p, 3 * ms]);
      return { candidate: { latencyMs: Object.fromEntries(slow) as ModelProfile['latencyMs'] & object } };
    },
  },
  {
    name: 'better',
    about: 'the candidate is better on every goal',
    build: (given) => goalScenario(given, 1),
  },
  { name: 'worse', about: 'the candidate is worse on every goal', build: (given) => goalScenario(given, -1) },
  {
    name: 'does-not-start',
    about: "the candidate's container fails its health check",
    build: () => ({ candidateStart: 'unhealthy' }),
  },
  {
    name: 'no-capacity',
    about: 'AWS has no instances for the candidate',
    build: () => ({ candidateStart: 'noCapacity' }),
  },
  {
    name: 'cloudwatch-away',
    about: 'CloudWatch fails for 2 hours while users get the candidate',
    build: ({ plan }) => during(plan, { kind: 'cloudWatchAway', seconds: 2 * hour }),
  },
  {
    name: 'workers-away',
    about: 'no Temporal worker runs for 2 hours while users get a candidate that fails 10 % of its requests',
    build: ({ plan }) => ({
      ...during(
        plan,
        { kind: 'workersAway', seconds: 2 * hour },
        { kind: 'candidateChanges', profile: { errorRate: 0.1 } },
      ),
    }),
  },
  {
    name: 'aws-throttles',
    about: 'AWS throttles 30 % of the calls for 4 hours, from the start on',
    build: () => ({
      events: [{ at: 0, since: 'start', kind: 'awsThrottles', seconds: 4 * hour, share: 0.3 }],
    }),
  },
  {
    name: 'weights-edited',
    about: "someone sets the candidate's weight to 80 %",
    build: ({ plan }) => {
      if (plan.topology === 'endpoints')
        return { reason: 'the switch divides the users, so there are no weights to edit' };
      if (plan.models.baseline.kind === 'none') return { reason: 'there is no baseline to take weight from' };
      return during(plan, { kind: 'weightsEdited', candidateShare: 0.8 });
    },
  },
  {
    name: 'alarm-flaps',
    about: 'an alarm of the spec fires for a minute, three times, an hour apart',
    build: ({ plan }) => {
      const [alarm] = alarmNamesOf(plan);
      if (alarm === undefined) return { reason: 'the spec has no alarm' };
      const effect = { alarm, times: 3, everySeconds: hour };
      return during(plan, { kind: 'alarmFires', ...effect });
    },
  },
  {
    name: 'baseline-shrinks',
    about: 'an autoscaler shrinks the baseline to one instance, which is too few for its traffic',
    build: ({ plan, account }) => {
      if (plan.models.baseline.kind === 'none') return { reason: 'there is no baseline' };
      const instances = account.endpoint?.instances ?? plan.serve.count ?? 1;
      if (instances < 2) return { reason: 'the baseline has one instance only' };
      const perInstance = account.traffic.requestsPerSecond / instances;
      return {
        ...during(plan, { kind: 'baselineShrinks', instances: 1 }),
        account: { overloadAbove: 1.5 * perInstance },
      };
    },
  },
  {
    name: 'traffic-stops',
    about: 'no user sends a request for 3 hours',
    build: ({ plan }) => during(plan, { kind: 'trafficStops', seconds: 3 * hour }),
  },
  {
    name: 'freeze-clock-change',
    about: 'the clocks change during a freeze of the spec',
    build: ({ plan }) => {
      if (plan.freeze.length === 0) return { reason: 'the spec has no freeze' };
      const found = findClockChange(plan.freeze);
      if (found === null) return { reason: 'no clock change falls into a freeze of the spec' };
      const { startMs, changeMs, endMs, zone } = found;
      return {
        about: `the clocks of ${zone} change on ${dateOf(changeMs)} during a freeze that ends at ${momentText(endMs)}`,
        startMs,
        stopAfter: Math.ceil((endMs - startMs) / 1000) + 30 * day,
      };
    },
  },
];

export const builtInScenarios: readonly { name: string; about: string }[] = builtIns;

export function isBuiltIn(name: string): boolean {
  return builtIns.some((each) => each.name === name);
}

/** Throws RangeError for an unknown name. */
export function buildScenario(
  name: string,
  given: Circumstances,
): Scenario | (Inapplicable & { about: string }) {
  const builtIn = builtIns.find((each) => each.name === name);
  if (builtIn === undefined) throw new RangeError(`there is no scenario ${name}`);
  const { about } = builtIn;
  const built = builtIn.build(given);
  return 'reason' in built ? { about, ...built } : { ...quietScenario, name, about, ...built };
}

/** The planned time in which rules watch the candidate. */
function watchedSecondsOf({ steps }: Plan): number {
  return steps.reduce((sum, step) => {
    if (step.kind === 'bake') return sum + step.seconds;
    return step.kind === 'experiment' ? sum + step.minimumSeconds : sum;
  }, 0);
}

/** Effects soon after the candidate's first request: after 5 minutes, or in the middle of a shorter watch. */
function during(plan: Plan, ...effects: EventEffect[]): Partial<Scenario> {
  const at = Math.min(300, Math.floor(watchedSecondsOf(plan) / 2));
  return { events: effects.map((effect) => eventAt(at, effect)) };
}

function eventAt(at: number, effect: EventEffect): Scenario['events'][number] {
  return { at, since: 'firstRequest', ...effect };
}

function momentOf(seconds: number): string {
  return seconds >= day
    ? `day ${Math.floor(seconds / day) + 1}`
    : `${formatDuration(seconds)} after its first request`;
}

/** Better (1) or worse (-1) on every goal: by 10 %, or by twice the effect that the goal looks for. */
function goalScenario({ plan, account }: Circumstances, sign: 1 | -1): Partial<Scenario> | Inapplicable {
  if (plan.goals.length === 0) return { reason: 'the spec has no goal' };
  const goals = plan.goals.map((goal) => {
    const effect = Math.max(0.1, (2 * (goal.target?.byPercent ?? 0)) / 100);
    const factor = 1 + (goal.higherIsBetter ? sign : -sign) * effect;
    return [goal.label, scaledGoal(goal, account, factor)] as const;
  });
  return { candidate: { goals: Object.fromEntries(goals) } };
}

function scaledGoal(goal: Goal, { baseline }: RehearsedAccount, factor: number) {
  const given = ownValue(baseline.goals, goal.label);
  if (goal.kind === 'proportion') return Math.min(1, defaultShareOf(given) * factor);
  const { mean, std } = defaultAmountOf(given);
  return { mean: mean * factor, std };
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
