import assert from 'node:assert/strict';
import { SpecError } from '../../../src/plan/spec/spec-error.js';
import { readScenario } from '../../../src/rehearsal/scenario/read-scenario.js';
import { planOf, rehearsedSpec } from '../rehearsals.js';

const goals = [
  {
    metric: 'clicks',
    higherIsBetter: true,
    weekly: false,
    source: { namespace: 'Site', name: 'Clicks', per: 'Views' },
  },
];
const strategy = { abTest: { split: '50%', for: '4h', atMost: '12h' } };
const guardrails = [{ alarm: 'ranker-5xx' }];
const plan = planOf(rehearsedSpec({ goals, strategy, guardrails }));
const plain = planOf(rehearsedSpec());

function problemsOf(text: string, on = plan): string[] {
  try {
    readScenario(text, 'leak.yaml', on);
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems.map(({ line, path, found, allowed }) => `${line} ${path}: ${found}; ${allowed}`);
  }
  return [];
}

describe('scenario file', () => {
  it('every field -> seconds, fractions and milliseconds', () => {
    const scenario = readScenario(
      `
about: a slow leak
startAt: 2026-10-23T14:00Z
seed: 7
account:
  instances: 6
  traffic: { requestsPerSecond: 50, users: 9000, day: office, bots: 5% }
  baseline: { errorRate: 0.1%, latency: { p50: 30ms, p99: 1s }, goals: { clicks: 4% } }
  alarms: { ranker-5xx: { failedRequestsAbove: 2% } }
candidate: { errorRate: 5%, from: 3d }
events:
  - { at: 2h, cloudWatchAway: { for: 3h } }
  - { since: start, alarmFires: { times: 2, every: 10m } }
people: { approveAfter: never, webhookAnswer: no }
expect: { outcome: [rolledBack, failed], within: 30m, failedRequestsBelow: 500 }
stopAfter: 20d
`,
      'a/leak.yaml',
      plan,
    );
    assert.deepEqual(scenario, {
      name: 'leak',
      about: 'a slow leak',
      startMs: Date.UTC(2026, 9, 23, 14),
      seed: 7,
      account: {
        instances: 6,
        traffic: { requestsPerSecond: 50, users: 9000, day: 'office', bots: 0.05 },
        baseline: { errorRate: 0.001, latencyMs: { p50: 30, p99: 1000 }, goals: { clicks: 0.04 } },
        alarms: { 'ranker-5xx': { failedRequestsAbove: 0.02 } },
      },
      candidate: {},
      candidateStart: 'healthy',
      events: [
        { at: 259_200, since: 'firstRequest', kind: 'candidateChanges', profile: { errorRate: 0.05 } },
        { at: 7_200, since: 'firstRequest', kind: 'cloudWatchAway', seconds: 10_800 },
        { at: 0, since: 'start', kind: 'alarmFires', alarm: 'ranker-5xx', times: 2, everySeconds: 600 },
      ],
      people: { approveAfter: null, webhookAnswer: 'no', webhookAfter: 300 },
      expect: { outcomes: ['rolledBack', 'failed'], within: 1_800, failedRequestsBelow: 500 },
      stopAfter: 1_728_000,
    });
  });

  it('misspelt field -> its place and the allowed fields', () => {
    assert.deepEqual(problemsOf('candidate: { errorrate: 5% }'), [
      '1 candidate.errorrate: errorrate; errorRate, clientErrorRate, modelErrorRate, latency, goals, metrics, from, start',
    ]);
  });

  it('wrong values -> all places together, with what is allowed', () => {
    assert.deepEqual(
      problemsOf('seed: x\nexpect: { outcome: fine }\nevents:\n  - { at: soon, trafficStops: {} }'),
      [
        '1 seed: "x"; a whole number from 1 to 4,294,967,295',
        '2 expect.outcome: "fine"; promoted, rolledBack, aborted, inconclusive, rollbackFailed, failed, unfinished',
        '4 events[0].at: "soon"; a duration such as 30s, 15m, 7d, 1h30m',
        '4 events[0].trafficStops.for: null; a duration such as 30s, 15m, 7d, 1h30m',
      ],
    );
  });

  it('event with two effects -> exactly one is allowed', () => {
    const [problem = ''] = problemsOf('events:\n  - { workersAway: { for: 1h }, trafficStops: { for: 1h } }');
    assert.match(problem, /^2 events\[0\]: .*one of candidate, cloudWatchAway, workersAway/);
  });

  it('names that the spec does not have -> the names that it has', () => {
    assert.deepEqual(
      problemsOf(
        'candidate: { goals: { sales: 5% } }\naccount:\n  alarms: { other: { failedRequestsAbove: 1% } }',
      ),
      ['1 candidate.goals.sales: sales; clicks', '3 account.alarms.other: other; ranker-5xx'],
    );
    assert.deepEqual(problemsOf('events: [{ alarmFires: {} }]', plain), [
      '1 events[0].alarmFires: alarmFires; another event, because the spec has no alarm',
    ]);
  });
});
