import assert from 'node:assert/strict';
import {
  mergePendingActivities,
  pendingOf,
  type PendingPoll,
} from '../../../src/client/rollouts/live-status.js';
import type { JobStatus, WatchMode } from '../../../src/workflows/messages.js';
import { bakingStatus, verdictOf } from './statuses.js';

function pollOf(activity: string, message: string | null, watch: PendingPoll['watch'] = null): PendingPoll {
  const pending = { activity, attempt: 2, message, failureType: 'InProgress', nextTryAt: null };
  return { activity: pending, watch, jobName: null, repeatsState: true };
}

function trainingOf(jobName: string, message: string): PendingPoll {
  return { ...pollOf('trainModel', message), jobName };
}

function jobOf(letter: 'a' | 'b', state: JobStatus['state']): JobStatus {
  const role = letter === 'a' ? 'baseline' : 'candidate';
  return { role, jobName: `digits-0a1b2c3d-${letter}`, state, message: 'requested' };
}

describe('mergePendingActivities', () => {
  it('mergePendingActivities: polls of two training jobs -> the message goes to the job named in the heartbeat', () => {
    const status = bakingStatus({ jobs: [jobOf('a', 'running'), jobOf('b', 'running')] });
    const { jobs } = mergePendingActivities(status, [
      trainingOf('digits-0a1b2c3d-b', 'InProgress (Training), not like digits-0a1b2c3d-a'),
      trainingOf('digits-0a1b2c3d-a', 'InProgress (Starting), not like digits-0a1b2c3d-b'),
    ]);
    assert.match(jobs[0]?.message ?? '', /Starting/);
    assert.match(jobs[1]?.message ?? '', /Training/);
  });

  it('mergePendingActivities: poll without a job name, one open job -> the message goes to it', () => {
    const status = bakingStatus({ jobs: [jobOf('a', 'done'), jobOf('b', 'waiting')] });
    const { jobs } = mergePendingActivities(status, [pollOf('trainModel', 'rate exceeded')]);
    assert.deepEqual(
      jobs.map(({ state, message }) => [state, message]),
      [
        ['done', 'requested'],
        ['running', 'rate exceeded'],
      ],
    );
  });

  it('mergePendingActivities: poll without a job name, two open jobs -> no change', () => {
    const status = bakingStatus({ jobs: [jobOf('a', 'running'), jobOf('b', 'running')] });
    assert.deepEqual(
      mergePendingActivities(status, [pollOf('trainModel', 'rate exceeded')]).jobs,
      status.jobs,
    );
  });

  it('mergePendingActivities: new verdict -> replaces the old one in its place', () => {
    const fresh = verdictOf('alarm:digits-5xx', 'fail', 'alarmFiring', 'alarm digits-5xx fires');
    const watch = {
      guardrails: {
        [fresh.guardrail]: { judgedTo: '2026-11-23T12:00:00.000Z', windowsJudged: 4, last: fresh },
      },
      alarms: [],
      comparisons: {},
      stats: [],
      observation: null,
    };
    const { verdicts } = mergePendingActivities(bakingStatus(), [pollOf('watchTraffic', 'x', watch)]);
    assert.deepEqual(
      verdicts.map(({ guardrail, result }) => [guardrail, result]),
      [
        ['alarm:digits-5xx', 'fail'],
        ['errorRate', 'pass'],
      ],
    );
  });

  it('mergePendingActivities: watch beside a change waits for its first window -> the verdict of the bake remains', () => {
    const early = verdictOf('errorRate', 'inconclusive', 'awaitingFirstWindow', 'waiting for window 1 of 1');
    const watch = {
      guardrails: { errorRate: { judgedTo: '2026-11-23T12:00:00.000Z', windowsJudged: 0, last: early } },
      ...{ alarms: [], comparisons: {}, stats: [], observation: null },
    };
    const shownIn = (mode: WatchMode) => {
      const status = bakingStatus({
        watch: { mode, need: 'noAlarmFiring', since: '2026-11-23T12:00:00.000Z' },
      });
      const poll = pollOf('watchTraffic', early.message, watch);
      const merged = mergePendingActivities(status, [poll]);
      assert.equal(pendingOf(poll, merged).isRepeated, true);
      return merged.verdicts.find(({ guardrail }) => guardrail === 'errorRate')?.message;
    };
    assert.equal(shownIn('guarding'), 'error rate 0.42 % < 1 %, window 3 of 6');
    assert.equal(shownIn('baking'), early.message);
  });

  it('pendingOf: message that the status already contains -> isRepeated, decided by fields', () => {
    const fresh = verdictOf('alarm:digits-5xx', 'fail', 'alarmFiring', 'alarm digits-5xx fires');
    const watch = { guardrails: {}, alarms: [fresh], comparisons: {}, stats: [], observation: null };
    const poll = pollOf('watchTraffic', 'x', watch);
    const merged = mergePendingActivities(bakingStatus(), [poll]);
    const isRepeated = (change: Partial<PendingPoll>) => pendingOf({ ...poll, ...change }, merged).isRepeated;
    assert.equal(isRepeated({}), true);
    assert.equal(isRepeated({ repeatsState: false }), false);
    assert.equal(isRepeated({ activity: { ...poll.activity, failureType: 'Throttled' } }), false);
    const unmerged = {
      'goal:orders': { judgedTo: '', sums: null, last: { ...fresh, guardrail: 'goal:orders' } },
    };
    assert.equal(isRepeated({ watch: { ...watch, comparisons: unmerged } }), false);
    assert.equal(pendingOf(trainingOf('digits-0a1b2c3d-b', 'x'), bakingStatus()).isRepeated, false);
    const status = bakingStatus({ jobs: [jobOf('b', 'running')] });
    assert.equal(pendingOf(trainingOf('digits-0a1b2c3d-b', 'x'), status).isRepeated, true);
  });

  it('mergePendingActivities: poll without an observation -> weights unchanged', () => {
    const watch = { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation: null };
    const { variants } = mergePendingActivities(bakingStatus(), [pollOf('watchTraffic', 'x', watch)]);
    assert.deepEqual(variants, bakingStatus().variants);
  });

  it('mergePendingActivities: shadow -> 0 %, baseline -> 100 %', () => {
    const [baseline, candidate] = bakingStatus().variants;
    const seen = (name: string, weight: number) => ({
      name,
      endpoint: 'digits',
      configName: 'digits-0a1b2c3d-s',
      currentWeight: weight,
      desiredWeight: weight,
      currentCount: 2,
      desiredCount: 2,
      status: null,
    });
    const observation = {
      ...bakingStatus().observation!,
      variants: [seen(baseline!.name, 1), { ...seen(candidate!.name, 0.5), shadow: true as const }],
    };
    const watch = { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation };
    const { variants } = mergePendingActivities(bakingStatus(), [pollOf('watchTraffic', 'x', watch)]);
    assert.deepEqual(
      variants.map(({ actualWeight }) => actualWeight),
      [100, 0],
    );
  });
});
