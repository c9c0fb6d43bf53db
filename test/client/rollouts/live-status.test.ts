import assert from 'node:assert/strict';
import {
  mergePendingActivities,
  pendingOf,
  type PendingPoll,
} from '../../../src/client/rollouts/live-status.js';
import type { JobStatus } from '../../../src/workflows/messages.js';
import { bakingStatus, verdictOf } from './statuses.js';

function lookOf(activity: string, message: string | null, watch: PendingPoll['watch'] = null): PendingPoll {
  const work = { activity, attempt: 2, message, failureType: 'InProgress', nextTryAt: null };
  return { work, watch, jobName: null, repeatsState: true };
}

function trainingOf(jobName: string, message: string): PendingPoll {
  return { ...lookOf('trainModel', message), jobName };
}

function jobOf(letter: 'a' | 'b', state: JobStatus['state']): JobStatus {
  const role = letter === 'a' ? 'baseline' : 'candidate';
  return { role, jobName: `digits-0a1b2c3d-${letter}`, state, message: 'asked for' };
}

describe('mergePendingActivities', () => {
  it('gives each training job the message of the look that names it, whatever the message says', () => {
    const status = bakingStatus({ jobs: [jobOf('a', 'running'), jobOf('b', 'running')] });
    const { jobs } = mergePendingActivities(status, [
      trainingOf('digits-0a1b2c3d-b', 'InProgress (Training), not like digits-0a1b2c3d-a'),
      trainingOf('digits-0a1b2c3d-a', 'InProgress (Starting), not like digits-0a1b2c3d-b'),
    ]);
    assert.match(jobs[0]?.message ?? '', /Starting/);
    assert.match(jobs[1]?.message ?? '', /Training/);
  });

  it('gives a message of a look that names no job to the only one that is open', () => {
    const status = bakingStatus({ jobs: [jobOf('a', 'done'), jobOf('b', 'waiting')] });
    const { jobs } = mergePendingActivities(status, [lookOf('trainModel', 'rate exceeded')]);
    assert.deepEqual(
      jobs.map(({ state, message }) => [state, message]),
      [
        ['done', 'asked for'],
        ['running', 'rate exceeded'],
      ],
    );
  });

  it('gives it to none where several are open', () => {
    const status = bakingStatus({ jobs: [jobOf('a', 'running'), jobOf('b', 'running')] });
    assert.deepEqual(
      mergePendingActivities(status, [lookOf('trainModel', 'rate exceeded')]).jobs,
      status.jobs,
    );
  });

  it('replaces a verdict by its news and keeps the order', () => {
    const news = verdictOf('alarm:digits-5xx', 'fail', 'alarmFiring', 'alarm digits-5xx fires');
    const watch = {
      guardrails: {
        [news.guardrail]: { judgedTo: '2026-11-23T12:00:00.000Z', windowsJudged: 4, last: news },
      },
      alarms: [],
      comparisons: {},
      stats: [],
      observation: null,
    };
    const { verdicts } = mergePendingActivities(bakingStatus(), [lookOf('watchTraffic', 'x', watch)]);
    assert.deepEqual(
      verdicts.map(({ guardrail, result }) => [guardrail, result]),
      [
        ['alarm:digits-5xx', 'fail'],
        ['errorRate', 'pass'],
      ],
    );
  });

  it('knows a message that repeats what the status says by fields, whatever its words', () => {
    const news = verdictOf('alarm:digits-5xx', 'fail', 'alarmFiring', 'alarm digits-5xx fires');
    const watch = { guardrails: {}, alarms: [news], comparisons: {}, stats: [], observation: null };
    const look = lookOf('watchTraffic', 'x', watch);
    const merged = mergePendingActivities(bakingStatus(), [look]);
    const isRepeated = (change: Partial<PendingPoll>) => pendingOf({ ...look, ...change }, merged).isRepeated;
    assert.equal(isRepeated({}), true);
    assert.equal(isRepeated({ repeatsState: false }), false);
    assert.equal(isRepeated({ work: { ...look.work, failureType: 'Throttled' } }), false);
    const unmerged = {
      'goal:orders': { judgedTo: '', sums: null, last: { ...news, guardrail: 'goal:orders' } },
    };
    assert.equal(isRepeated({ watch: { ...watch, comparisons: unmerged } }), false);
    assert.equal(pendingOf(trainingOf('digits-0a1b2c3d-b', 'x'), bakingStatus()).isRepeated, false);
    const status = bakingStatus({ jobs: [jobOf('b', 'running')] });
    assert.equal(pendingOf(trainingOf('digits-0a1b2c3d-b', 'x'), status).isRepeated, true);
  });

  it('leaves weights as they were known while the endpoint shows none', () => {
    const watch = { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation: null };
    const { variants } = mergePendingActivities(bakingStatus(), [lookOf('watchTraffic', 'x', watch)]);
    assert.deepEqual(variants, bakingStatus().variants);
  });

  it('gives a shadow no share, and takes none from the baseline for it', () => {
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
    const { variants } = mergePendingActivities(bakingStatus(), [lookOf('watchTraffic', 'x', watch)]);
    assert.deepEqual(
      variants.map(({ actualWeight }) => actualWeight),
      [100, 0],
    );
  });
});
