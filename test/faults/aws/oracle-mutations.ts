/** Evidence with a lie in it, which the oracle has to notice: each is a way in which a rollout might go wrong. */
import type { Evidence } from './run-scenario.js';

export interface Lie {
  name: string;
  /** Which story is falsified. */
  of: string;
  tell(truth: Evidence): Partial<Evidence>;
  noticed: RegExp;
}

export const lies: Lie[] = [
  {
    name: 'a promotion that AWS knows nothing of',
    of: 'fires',
    tell: ({ result }) => ({ result: { ...result, outcome: 'promoted' } }),
    noticed: /must not be promoted|but the endpoint is/,
  },
  {
    name: 'a rollback that AWS knows nothing of',
    of: 'guarded',
    tell: ({ result }) => ({ result: { ...result, outcome: 'rolledBack' } }),
    noticed: /^rolledBack, but the endpoint is .*guarded.*-b"/,
  },
  {
    name: 'a rollback that is still under way',
    of: 'fires',
    tell: ({ atEnd }) => ({ atEnd: { ...atEnd, served: { ...atEnd.served, status: 'Updating' } } }),
    noticed: /but the endpoint is .*Updating/,
  },
  {
    name: 'a bake that ended with a guardrail unknown',
    of: 'guarded',
    tell: ({ timeline }) => ({
      timeline: timeline.map((entry) =>
        entry.kind === 'verdict'
          ? { ...entry, verdicts: entry.verdicts.map((one) => ({ ...one, result: 'inconclusive' as const })) }
          : entry,
      ),
    }),
    noticed: /is inconclusive, promoted all the same/,
  },
  {
    name: 'a verdict without any data behind it',
    of: 'apart',
    tell: ({ calls }) => ({
      calls: calls.map((call) =>
        call.operation === 'GetMetricData' ? { ...call, outcome: 'Throttling' } : call,
      ),
    }),
    noticed: /^GetMetricData was not answered/,
  },
  {
    name: 'a promotion without a last look at the alarms',
    of: 'trained',
    tell: ({ calls }) => ({
      calls: calls.map((call) =>
        call.operation === 'DescribeAlarms' ? { ...call, outcome: 'InternalFailure' } : call,
      ),
    }),
    noticed: /^nobody looked at the alarms/,
  },
  {
    name: 'a failed rollback of which nobody is told',
    of: 'fires',
    tell: ({ result }) => ({ result: { ...result, outcome: 'rollbackFailed' } }),
    noticed: /without a page/,
  },
  {
    name: 'a job that goes on',
    of: 'withdrawn',
    tell: ({ atEnd }) => ({ atEnd: { ...atEnd, jobs: [{ name: 'job-a', status: 'InProgress' }] } }),
    noticed: /^job job-a is InProgress/,
  },
  {
    name: 'a config that is left and not said',
    of: 'apart',
    tell: ({ atEnd }) => ({ atEnd: { ...atEnd, configs: [...atEnd.configs, 'forgotten'] } }),
    noticed: /^left over endpoint config forgotten/,
  },
  {
    name: 'a second endpoint that is left and not said',
    of: 'apart-fails',
    tell: ({ atEnd }) => ({ atEnd: { ...atEnd, endpoints: ['forgotten'] } }),
    noticed: /^left over endpoint forgotten/,
  },
  {
    name: 'an update that was asked for twice',
    of: 'guarded',
    tell: ({ calls }) => ({
      calls: [...calls, ...calls.filter(({ operation }) => operation === 'UpdateEndpoint')],
    }),
    noticed: /^UpdateEndpoint .*: 2 times/,
  },
  {
    name: 'a version that was added twice',
    of: 'trained',
    tell: ({ atEnd }) => ({ atEnd: { ...atEnd, versions: [...atEnd.versions, ...atEnd.versions] } }),
    noticed: /^a version was added twice/,
  },
];
