/** Evidence with wrong data that the oracle must detect. Each mutation is one way in which a rollout could go wrong. */
import type { Evidence } from './run-scenario.js';

export interface OracleMutation {
  name: string;
  /** The scenario whose evidence is changed. */
  scenario: string;
  mutate(evidence: Evidence): Partial<Evidence>;
  violation: RegExp;
}

export const oracleMutations: OracleMutation[] = [
  {
    name: 'promotion that AWS does not confirm',
    scenario: 'fires',
    mutate: ({ result }) => ({ result: { ...result, outcome: 'promoted' } }),
    violation: /must not be promoted|but the endpoint is/,
  },
  {
    name: 'rollback that AWS does not confirm',
    scenario: 'guarded',
    mutate: ({ result }) => ({ result: { ...result, outcome: 'rolledBack' } }),
    violation: /^rolledBack, but the endpoint is .*guarded.*-b"/,
  },
  {
    name: 'rollback that is still in progress',
    scenario: 'fires',
    mutate: ({ atEnd }) => ({ atEnd: { ...atEnd, served: { ...atEnd.served, status: 'Updating' } } }),
    violation: /but the endpoint is .*Updating/,
  },
  {
    name: 'bake that ended with an unknown guardrail',
    scenario: 'guarded',
    mutate: ({ timeline }) => ({
      timeline: timeline.map((entry) =>
        entry.kind === 'verdict'
          ? { ...entry, verdicts: entry.verdicts.map((one) => ({ ...one, result: 'inconclusive' as const })) }
          : entry,
      ),
    }),
    violation: /promoted although .* is inconclusive/,
  },
  {
    name: 'verdict without data',
    scenario: 'apart',
    mutate: ({ calls }) => ({
      calls: calls.map((call) =>
        call.operation === 'GetMetricData' ? { ...call, outcome: 'Throttling' } : call,
      ),
    }),
    violation: /^GetMetricData was not answered/,
  },
  {
    name: 'promotion without a final check of the alarms',
    scenario: 'trained',
    mutate: ({ calls }) => ({
      calls: calls.map((call) =>
        call.operation === 'DescribeAlarms' ? { ...call, outcome: 'InternalFailure' } : call,
      ),
    }),
    violation: /^the alarms were not checked/,
  },
  {
    name: 'failed rollback without a notification',
    scenario: 'fires',
    mutate: ({ result }) => ({ result: { ...result, outcome: 'rollbackFailed' } }),
    violation: /without a page/,
  },
  {
    name: 'job that is still running',
    scenario: 'withdrawn',
    mutate: ({ atEnd }) => ({ atEnd: { ...atEnd, jobs: [{ name: 'job-a', status: 'InProgress' }] } }),
    violation: /^job job-a is InProgress/,
  },
  {
    name: 'config that remains and is not reported',
    scenario: 'apart',
    mutate: ({ atEnd }) => ({ atEnd: { ...atEnd, configs: [...atEnd.configs, 'forgotten'] } }),
    violation: /^left over endpoint config forgotten/,
  },
  {
    name: 'second endpoint that remains and is not reported',
    scenario: 'apart-fails',
    mutate: ({ atEnd }) => ({ atEnd: { ...atEnd, endpoints: ['forgotten'] } }),
    violation: /^left over endpoint forgotten/,
  },
  {
    name: 'update that was sent twice',
    scenario: 'guarded',
    mutate: ({ calls }) => ({
      calls: [...calls, ...calls.filter(({ operation }) => operation === 'UpdateEndpoint')],
    }),
    violation: /^UpdateEndpoint .*: 2 times/,
  },
  {
    name: 'model version that was added twice',
    scenario: 'trained',
    mutate: ({ atEnd }) => ({ atEnd: { ...atEnd, versions: [...atEnd.versions, ...atEnd.versions] } }),
    violation: /^a version was added twice/,
  },
  {
    name: 'scaling that is still suspended',
    scenario: 'scaled',
    mutate: ({ scalings: { before, after } }) => ({
      scalings: { before, after: JSON.parse(JSON.stringify(after).replace('false', 'true')) as typeof after },
    }),
    violation: /^the scaling is/,
  },
];
