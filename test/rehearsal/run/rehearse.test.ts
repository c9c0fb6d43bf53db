import assert from 'node:assert/strict';
import { rehearsedSpec, rehearseSpec } from '../rehearsals.js';

const minute = 60;
const hour = 60 * minute;

/** Shares of 10 % and 50 % for half an hour each, and all requests until the end: about 20 requests a second. */
const expectedOfAll = (seconds: number, share: number) => seconds * 20 * share;

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * expected, `${actual}, expected about ${expected}`);
}

describe('rehearsal', () => {
  it('healthy candidate -> promoted, with the requests that the emulator counted and no cause', async () => {
    const { outcome, reason, cause, decision, candidate, baseline, startedAt, endedAt, instanceHours } =
      await rehearseSpec(rehearsedSpec(), 'healthy');
    assert.equal(outcome, 'promoted', reason);
    assert.equal(cause, null);
    assert.ok(decision !== null && decision.afterSeconds > hour && decision.afterSeconds < 2 * hour);
    const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
    assertNear(candidate.requests + baseline.requests, expectedOfAll(seconds, 1), 0.02);
    assertNear(candidate.failed, candidate.requests * 0.001, 0.5);
    assert.ok(candidate.users > 0 && candidate.users < candidate.ofUsers);
    assertNear(instanceHours.baseline, (4 * decision.afterSeconds) / hour, 0.15);
  });

  it('candidate fails 10 % of its requests -> rolled back within 10 minutes of its first request', async () => {
    const { outcome, cause, decision, candidate } = await rehearseSpec(rehearsedSpec(), 'errs-much');
    assert.equal(outcome, 'rolledBack');
    assert.equal(cause?.message, "the candidate's first request");
    assert.ok(decision !== null && decision.afterSeconds < 10 * minute, JSON.stringify(decision));
    assert.equal(candidate.requestsSinceCause, candidate.requests);
    assertNear(candidate.failed, candidate.requests / 10, 0.3);
  });

  it('candidate changes at half of the watch -> the cause is that moment, and only later requests count', async () => {
    const { outcome, cause, decision, candidate, events } = await rehearseSpec(rehearsedSpec(), 'errs-later');
    assert.equal(outcome, 'rolledBack');
    assert.deepEqual(
      events.map(({ message }) => message),
      ['the candidate changes'],
    );
    assert.equal(cause?.at, events[0]?.at);
    // It happens at the end of the first bake. The next share needs instances first, and then a window of 5 minutes.
    assert.ok(decision !== null && decision.afterSeconds < 20 * minute, JSON.stringify(decision));
    const { requestsSinceCause, requests } = candidate;
    assert.ok(requestsSinceCause !== null && requestsSinceCause > 0 && requestsSinceCause < requests);
  });

  it('one endpoint for each model -> the switch of the rehearsal gives the candidate its share', async () => {
    const serve = { topology: 'endpoints', instance: 'ml.m5.large', count: 2 };
    const { outcome, reason, candidate, baseline } = await rehearseSpec(rehearsedSpec({ serve }));
    assert.equal(outcome, 'promoted', reason);
    const { requests } = candidate;
    assert.ok(requests > expectedOfAll(30 * minute, 0.6), String(requests));
    assert.ok(baseline.requests > expectedOfAll(30 * minute, 1.4), String(baseline.requests));
  });

  it('gates that need people -> opened after the stated times, and receivers are notified', async () => {
    const gates = [
      { before: 'traffic', webhook: { url: 'https://ci.example.com/gate', every: '1m' } },
      { before: '50%', approval: { people: 2, verified: true, allowStarter: true } },
      { before: 'promotion', manual: true },
    ];
    const notify = [
      { slack: { urlEnv: 'SLACK_URL' }, on: ['gate', 'promoted'] },
      { sns: 'arn:aws:sns:us-east-1:123456789012:on-call', on: ['ended'] },
    ];
    const { outcome, reason, events, notifications } = await rehearseSpec(rehearsedSpec({ gates, notify }));
    assert.equal(outcome, 'promoted', reason);
    assert.deepEqual(
      events.map(({ message }) => message.replace(/gate \S+$/, 'gate')),
      ['person-1, person-2: approve at gate', 'person-1: promote at gate'],
    );
    const opened = notifications.find(({ event }) => event === 'waiting at a gate');
    assert.equal(opened?.to, 'SLACK_URL');
    assert.ok(notifications.some(({ to, event }) => to.endsWith(':on-call') && event === 'ended'));
  });

  it('gate without an answer -> the rehearsal stops, unfinished, and says what the rollout waits for', async () => {
    const gates = [{ before: 'traffic', manual: true }];
    const people = { approveAfter: null, webhookAnswer: 'yes', webhookAfter: 0 } as const;
    const result = await rehearseSpec(rehearsedSpec({ gates }), { people, stopAfter: 3 * hour });
    assert.equal(result.outcome, 'unfinished');
    assert.match(result.reason, /waits for promote/);
    assert.equal(result.decision, null);
    assert.equal(result.candidate.requests, 0);
  });

  it('golden requests with different answers -> the simulated candidate passes its validation', async () => {
    const validate = {
      golden: [
        { body: { calls: 0 }, expect: { churn: false } },
        { body: { calls: 9 }, expect: { churn: true } },
      ],
    };
    const { outcome, reason } = await rehearseSpec(rehearsedSpec({ validate }));
    assert.equal(outcome, 'promoted', reason);
  });

  it('golden requests with a pattern or a judge -> the simulated candidate passes its validation', async () => {
    const patterns = { golden: [{ body: { calls: 0 }, matches: '"churn": *false' }] };
    const judge = { urlEnv: 'JUDGE_URL', secretEnv: 'JUDGE_SECRET' };
    const judged = { golden: { records: [{ body: { calls: 0 } }], judge } };
    for (const validate of [patterns, judged]) {
      const { outcome, reason } = await rehearseSpec(rehearsedSpec({ validate }));
      assert.equal(outcome, 'promoted', reason);
    }
  });

  it('alarm of the spec flaps -> rolled back, and the assumption about the alarm is stated', async () => {
    const guardrails = [{ alarm: 'ranker-5xx' }, { metric: 'errorRate', below: '2%', window: '5m' }];
    const { outcome, decision, assumptions } = await rehearseSpec(
      rehearsedSpec({ guardrails }),
      'alarm-flaps',
    );
    assert.equal(outcome, 'rolledBack');
    assert.ok(decision !== null && decision.afterSeconds <= 60, JSON.stringify(decision));
    assert.deepEqual(assumptions, [
      'endpoint: 4 ml.m5.large; 20 requests a second of 172,800 users',
      'alarm ranker-5xx: fires if more than 1 % of all requests fail in 2 of 3 minutes',
    ]);
  });

  it('alarm for the candidate: it fails its requests -> rolled back by the alarm, and the assumption is stated', async () => {
    const guardrails = [{ alarm: 'ranker-5xx', for: 'candidate' }];
    const { outcome, reason, assumptions } = await rehearseSpec(rehearsedSpec({ guardrails }), 'errs-much');
    assert.equal(outcome, 'rolledBack');
    assert.match(reason, /^alarm ranker-5xx is in ALARM for the candidate/);
    assert.deepEqual(assumptions.slice(1), [
      "alarm ranker-5xx: fires if more than 1 % of the candidate's requests fail in 2 of 3 minutes",
    ]);
  });

  it('alarm for the candidate: it flaps -> rolled back', async () => {
    const guardrails = [{ alarm: 'ranker-5xx', for: 'candidate' }];
    const { outcome, reason } = await rehearseSpec(rehearsedSpec({ guardrails }), 'alarm-flaps');
    assert.equal(outcome, 'rolledBack', reason);
  });

  it('alarm for the candidate: healthy -> promoted', async () => {
    const guardrails = [{ alarm: 'ranker-5xx', for: 'candidate' }];
    const { outcome, reason } = await rehearseSpec(rehearsedSpec({ guardrails }), 'healthy');
    assert.equal(outcome, 'promoted', reason);
  });

  it('candidate does not start -> failed, and no user got it', async () => {
    const { outcome, cause, candidate } = await rehearseSpec(rehearsedSpec(), 'does-not-start');
    assert.equal(outcome, 'failed');
    assert.equal(cause?.message, 'the candidate starts');
    assert.equal(candidate.requests, 0);
  });

  it('workers away for 2 hours -> the decision comes after their return, and the failed requests show it', async () => {
    const { outcome, decision, candidate } = await rehearseSpec(rehearsedSpec(), 'workers-away');
    assert.equal(outcome, 'rolledBack');
    assert.ok(decision !== null && decision.afterSeconds >= 2 * hour, JSON.stringify(decision));
    assertNear(candidate.failed, expectedOfAll(2 * hour, 0.1) / 10, 0.3);
  });

  it('goal: candidate better -> promoted; worse -> not promoted', async () => {
    const goals = [
      {
        metric: 'clicks',
        higherIsBetter: true,
        weekly: false,
        source: { namespace: 'Site', name: 'Clicks', per: 'Views' },
      },
    ];
    const strategy = { abTest: { split: '50%', for: '4h', atMost: '12h' } };
    const json = rehearsedSpec({ strategy, goals, onInconclusive: 'rollBack' });
    const better = await rehearseSpec(json, 'better');
    assert.equal(better.outcome, 'promoted', better.reason);
    assert.ok(better.assumptions.includes('clicks: 5 % of the requests convert'));
    const worse = await rehearseSpec(json, 'worse');
    assert.notEqual(worse.outcome, 'promoted', worse.reason);
  });

  it('same seed -> the same report; another seed -> other requests', async () => {
    const [first, second, other] = [
      await rehearseSpec(rehearsedSpec(), 'errs-much'),
      await rehearseSpec(rehearsedSpec(), 'errs-much'),
      await rehearseSpec(rehearsedSpec(), { candidate: { errorRate: 0.1 }, seed: 2 }),
    ];
    assert.deepEqual(first, second);
    assert.notEqual(first.candidate.requests, other.candidate.requests);
  });

  it('expectation: met and not met -> each with what was expected and what was found', async () => {
    const { expectations } = await rehearseSpec(rehearsedSpec(), {
      candidate: { errorRate: 0.1 },
      expect: { outcomes: ['rolledBack'], within: 60, failedRequestsBelow: 1_000_000 },
    });
    assert.deepEqual(
      expectations.map(({ isMet }) => isMet),
      [true, false, true],
    );
    assert.equal(expectations[1]?.expected, 'decision within 1m of the cause');
  });
});
