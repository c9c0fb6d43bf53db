/** Guardrails that fail or are unknown, and external changes. */
import type { Drift } from '../../../../src/activities/interface/traffic.js';
import type { WatchReport } from '../../../../src/activities/interface/watch.js';
import { FakeActivities, names, verdict } from '../../../workflows/fake-activities.js';
import type { Scenario, Side } from '../side.js';
import { failing } from './worlds.js';

const unknown = verdict('inconclusive', 'error rate: no data');
const undecided: Partial<WatchReport> = { kind: 'undecided', message: unknown.message, verdicts: [unknown] };
const foreignWeights: Drift = {
  ...{ kind: 'weights', message: 'endpoint digits: baseline has 60 %, not 90 %' },
  weights: { baseline: 60, candidate: 40 },
};

/** Someone changes the weights during the first bake. */
function drifting(drift: 'hold' | 'revert' | 'adopt'): FakeActivities {
  const world = new FakeActivities({ drift });
  world.reports.push(
    () => ({}),
    () => {
      world.setShares({ baseline: 60, candidate: 40 });
      return { kind: 'drift', message: foreignWeights.message, drift: foreignWeights };
    },
    () => {
      // Its author reverts a change that is neither reverted nor adopted.
      if (drift === 'hold') world.setShares({ baseline: 90, candidate: 10 });
      return {};
    },
    () => ({}),
  );
  return world;
}

async function toTheEnd(side: Side): Promise<void> {
  const rollout = await side.rollout();
  await rollout.result();
  await rollout.query('timeline');
}

export const guardrailScenarios: Scenario[] = [
  { name: 'a guardrail fails', worlds: { 'rollout:digits': failing }, play: toTheEnd },
  {
    name: 'an unknown guardrail, known after retry',
    worlds: {
      'rollout:digits': () => {
        const world = new FakeActivities();
        world.reports.push(
          () => ({}),
          () => undecided,
          () => 'watching',
          () => ({}),
        );
        return world;
      },
    },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.until(({ hold }) => hold !== null);
      await rollout.query('status');
      await rollout.command('retry');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'an unknown guardrail until the hold runs out',
    worlds: {
      'rollout:digits': () => {
        const world = new FakeActivities({ onInconclusive: 'rollBack' });
        world.plan.limits.holdSeconds = 2;
        world.pollInterval = '500ms';
        world.reports.push(
          () => ({}),
          ({ continued, roundEnds }, now) =>
            continued && now < Date.parse(roundEnds) ? 'watching' : undecided,
        );
        return world;
      },
    },
    options: { hasAttempts: false },
    play: toTheEnd,
  },
  ...(['hold', 'revert', 'adopt'] as const).map((policy): Scenario => ({
    name: `drift, policy ${policy}`,
    worlds: { 'rollout:digits': () => drifting(policy) },
    play: toTheEnd,
  })),
  {
    name: 'an endpoint that is gone during the bake',
    worlds: {
      'rollout:digits': () => {
        const world = failing();
        // The rollback gives up at once.
        world.plan.limits.rollbackSeconds = 4;
        const [report = () => ({})] = world.reports;
        world.reports.splice(0, 1, (request, now) => {
          if (request.mode === 'bake') world.endpoints.delete('digits');
          return report(request, now);
        });
        world.failures.push({
          activity: 'deploy',
          type: 'EndpointNotFound',
          message: 'gone',
          after: 'watch bake',
        });
        return world;
      },
    },
    // The end of the rollback's limit is a moment.
    options: { timerStepMs: 10_000 },
    play: toTheEnd,
  },
  {
    name: 'a leftover that cannot be deleted',
    worlds: {
      'rollout:digits': () => {
        const world = new FakeActivities();
        world.failures.push({ activity: 'deleteConfig', type: 'Rejected', message: 'access denied' });
        return world;
      },
    },
    async play(side) {
      await toTheEnd(side);
      if (side.world().config !== names.singleConfig.candidate)
        throw new Error('the candidate does not serve');
    },
  },
  {
    name: 'retryable failures of an activity',
    worlds: {
      'rollout:digits': () => {
        const world = new FakeActivities();
        const failure = { type: 'InProgress', message: 'not yet', retryable: true } as const;
        world.failures.push({ activity: 'preflight', ...failure }, { activity: 'deploy', ...failure });
        return world;
      },
    },
    play: toTheEnd,
  },
];
