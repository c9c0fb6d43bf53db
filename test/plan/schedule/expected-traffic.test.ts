import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expectTraffic } from '../../../src/plan/schedule/expected-traffic.js';
import { planWith } from '../specs.js';

const guardrails = [{ metric: 'errorRate', below: '1%', minimumRequests: 100, window: '1m' }];
const canary = { canary: { steps: ['1%', '10%'], bake: '30m' } };

function expect(fields: object, requestsPerHour: number) {
  return expectTraffic(planWith({ guardrails, strategy: canary, ...fields }), requestsPerHour);
}

describe('expectTraffic', () => {
  it('expectTraffic: canary -> requests of the candidate in every bake', () => {
    const { steps } = expect({}, 60_000);
    assert.deepEqual(
      steps.map(({ stage, share, seconds, requests }) => [stage, share, seconds, requests]),
      [
        [1, 1, 1800, 300],
        [2, 10, 1800, 3000],
        [3, 100, 1800, 30_000],
      ],
    );
  });

  it('expectTraffic: windows with too few requests -> windows are joined', () => {
    const [one, ten] = expect({}, 60_000).steps.map(({ judgements }) => judgements[0]);
    assert.deepEqual([one?.requestsPerWindow, one?.everySeconds], [10, 600]);
    assert.deepEqual([ten?.requestsPerWindow, ten?.everySeconds], [100, 60]);
    assert.deepEqual(expect({}, 60_000).warnings, []);
  });

  it('expectTraffic: too few requests for a verdict -> a warning with sufficient settings', () => {
    const { steps, warnings } = expect({}, 10_000);
    assert.deepEqual(
      steps.map(({ judgements }) => judgements[0]?.everySeconds),
      [null, 360, 60],
    );
    assert.deepEqual(warnings, [
      'Step 1: about 50 requests reach the candidate in 30m, and error rate needs 100 to be judged: the rollout may ' +
        'hold. To be safe, watch for 1h14m, or send 2.5%, or lower minimumRequests.',
    ]);
  });

  it('expectTraffic: expected requests equal the minimum -> a warning, because fewer may arrive', () => {
    assert.equal(expect({}, 20_000).steps[0]?.requests, 100);
    assert.equal(expect({}, 20_000).warnings.length, 1);
    assert.equal(expect({}, 24_500).warnings.length, 0);
  });

  it('expectTraffic: onInconclusive rollBack -> the warning mentions the rollback', () => {
    assert.match(
      expect({ onInconclusive: 'rollBack' }, 10_000).warnings[0] ?? '',
      /may roll back as inconclusive/,
    );
  });

  it('expectTraffic: needed share above 100% -> the warning advises no share', () => {
    const [, , third] = expect(
      { strategy: { canary: { steps: ['1%', '10%', '50%'], bake: '30m' } } },
      100,
    ).warnings;
    assert.doesNotMatch(third ?? '', /send/);
  });

  it('expectTraffic: shadow and experiment -> counts copies, and the minimum time of the experiment', () => {
    const strategy = [{ shadow: { mirror: '50%', bake: '1h' } }, { abTest: { split: '20%', for: '7d' } }];
    const goals = [{ metric: 'conversion', higherIsBetter: true }];
    assert.deepEqual(
      expect({ strategy, goals }, 1_000).steps.map(({ share, requests }) => [share, requests]),
      [
        [50, 500],
        [20, 33_600],
        // The bake at 100 % is as long as the shadow's.
        [100, 1_000],
      ],
    );
  });

  it('expectTraffic: alarms and comparisons -> no minimum number of requests', () => {
    const rules = [{ alarm: 'digits-5xx' }, { metric: 'errorRate', notWorseThanBaselineBy: '10%' }];
    const { steps, warnings } = expect({ guardrails: rules }, 1);
    assert.deepEqual([steps[0]?.judgements, warnings], [[], []]);
  });

  it('expectTraffic: spec changed as the warning advises -> no warning', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 9 }),
        (requestsPerHour, minutes) => {
          const guardrails = [{ metric: 'errorRate', below: '1%', window: `${minutes}m` }];
          for (const warning of expect({ guardrails }, requestsPerHour).warnings) {
            const [, bake = assert.fail(warning)] = /watch for (\w+)/.exec(warning) ?? [];
            const stage = Number(/Step (\d)/.exec(warning)?.[1]);
            if (/\d{4,}d|([4-9]\d\d|3[7-9]\d)d/.test(bake)) continue;
            const longer = expect(
              { guardrails, strategy: { canary: { steps: ['1%', '10%'], bake } } },
              requestsPerHour,
            );
            assert.notEqual(longer.steps[stage - 1]?.judgements[0]?.everySeconds, null);
          }
        },
      ),
    );
  });
});
