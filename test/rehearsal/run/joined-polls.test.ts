/** Polls that stand for many change no decision and no time of a decision. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../../src/client.js';
import type { Rehearsal } from '../../../src/rehearsal/report/rehearsal-report.js';
import type { Scenario } from '../../../src/rehearsal/scenario/scenario.js';
import { rehearsedSpec, rehearseSpec } from '../rehearsals.js';

const minute = 60;
const hour = 60 * minute;
const alarm = 'ranker-errors';

const spec = rehearsedSpec({
  serve: { metricsEvery: '60s' },
  strategy: {
    canary: {
      steps: [
        { share: '20%', bake: '1d' },
        { share: '100%', bake: '1h' },
      ],
    },
  },
  guardrails: [
    { metric: 'errorRate', below: '2%', window: '5m' },
    { metric: 'latency', stat: 'p99', below: '5s', window: '5m' },
    { metric: 'clientErrorRate', below: '9%', window: '5m' },
    { alarm },
  ],
});

interface Played {
  report: Rehearsal;
  polls: number;
}

async function play(json: SpecJson, scenario: Partial<Scenario>, joins: boolean): Promise<Played> {
  let polls = 0;
  const before = ({ operation }: { operation: string }) => {
    if (operation === 'DescribeEndpoint') polls++;
  };
  const report = await rehearseSpec(json, scenario, {
    network: { before },
    ...(joins ? {} : { joinPollsExcept: null }),
  });
  return { report, polls };
}

/** Polls take some milliseconds, so fewer of them end a little earlier. */
function decisionOf({ outcome, reason, decision }: Rehearsal) {
  return { outcome, reason, at: decision?.at.slice(0, -5), afterSeconds: decision?.afterSeconds };
}

async function assertSame(scenario: Partial<Scenario>, json = spec): Promise<Rehearsal> {
  const whole = await play(json, scenario, false);
  const joined = await play(json, scenario, true);
  assert.deepEqual(decisionOf(joined.report), decisionOf(whole.report));
  return joined.report;
}

describe('joined polls', () => {
  it('joined polls: healthy candidate -> the report of all polls, with less than half of them', async () => {
    const [whole, joined] = [await play(spec, {}, false), await play(spec, {}, true)];
    assert.deepEqual(joined.report, whole.report);
    assert.equal(joined.report.outcome, 'promoted', joined.report.reason);
    assert.ok(joined.polls < whole.polls / 2, `${joined.polls} of ${whole.polls} polls`);
  });

  it('joined polls: alarm fires between two windows -> rolled back in its minute', async () => {
    const at = 17 * hour + 21 * minute + 40;
    const { outcome, reason, cause, decision } = await assertSame({
      events: [{ at, since: 'start', kind: 'alarmFires', alarm, times: 1, everySeconds: hour }],
    });
    assert.equal(outcome, 'rolledBack', reason);
    assert.equal(cause?.at, new Date(Date.UTC(2026, 0, 5, 9) + at * 1000).toISOString());
    assert.ok(decision !== null && decision.afterSeconds <= minute, JSON.stringify(decision));
  });

  it('joined polls: candidate errs from hour 19 on -> rolled back at the first window that shows it', async () => {
    const { outcome, reason, decision } = await assertSame({
      events: [
        {
          at: 19 * hour + 100,
          since: 'start',
          kind: 'candidateChanges',
          profile: { latencyMs: { p99: 9_000 } },
        },
      ],
    });
    assert.equal(outcome, 'rolledBack', reason);
    assert.ok(decision !== null && decision.afterSeconds <= 13 * minute, JSON.stringify(decision));
  });

  it('joined polls: CloudWatch and the workers are away for a time -> the same end', async () => {
    const { outcome, reason } = await assertSame({
      events: [
        { at: 7 * hour, since: 'start', kind: 'cloudWatchAway', seconds: 2 * hour },
        { at: 15 * hour, since: 'start', kind: 'workersAway', seconds: 3 * hour },
      ],
    });
    assert.equal(outcome, 'promoted', reason);
  });

  it('joined polls: goal decides after some windows -> promoted at the same window', async () => {
    const goals = [
      {
        metric: 'clicks',
        higherIsBetter: true,
        weekly: false,
        source: { namespace: 'Site', name: 'Clicks', per: 'Views' },
      },
    ];
    const strategy = { abTest: { split: '50%', for: '8h', atMost: '2d' } };
    const guardrails = [{ metric: 'errorRate', below: '2%', window: '30m' }];
    const { outcome, reason } = await assertSame(
      { candidate: { goals: { clicks: 0.0515 } } },
      rehearsedSpec({ strategy, goals, guardrails, onInconclusive: 'rollBack' }),
    );
    assert.equal(outcome, 'promoted', reason);
  });
});
