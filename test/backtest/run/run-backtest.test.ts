import assert from 'node:assert/strict';
import { excludeRules } from '../../../src/backtest/run/judged-plan.js';
import type { Role } from '../../../src/plan/compiled/names.js';
import { planWith } from '../../plan/specs.js';
import { atWindow, backtest, canary, errorRate, fine, rowsOf, type Draw } from '../backtests.js';

/** `draw` with the recorded share. */
function at(share: (i: number) => number, draw: Draw = fine): Draw {
  return (i, role) => {
    const cells = draw(i, role);
    return cells === null ? null : { share: share(i), ...cells };
  };
}

/** Fine, except for the candidate's windows for which `is` returns true. */
function failing(is: (i: number) => boolean): Draw {
  return (i, role) =>
    role === 'candidate' && is(i) ? { ...fine(i, role), Invocation5XXErrors: 30 } : fine(i, role);
}

const sharesLive = (i: number) => (i < 7 ? 5 : 50);

describe('backtest with the stages of the plan', () => {
  it('backtest: every stage is cleared -> promoted', async () => {
    const { outcome, stages, timeline } = await backtest(rowsOf(20), canary);
    assert.equal(stages, 'plan');
    // A window's data is complete two metric periods after its end. The first window of the next stage begins on the grid.
    const entered = timeline.filter(({ kind }) => kind === 'stage').map(({ at, share }) => [at, share]);
    assert.deepEqual(entered, [
      ['2026-11-02T10:00:00.000Z', 5],
      ['2026-11-02T10:32:00.000Z', 50],
      ['2026-11-02T11:07:00.000Z', 100],
    ]);
    assert.deepEqual([outcome.outcome, outcome.at], ['promoted', '2026-11-02T11:42:00.000Z']);
  });

  it('backtest: failed window -> rolled back when its data is complete', async () => {
    const { outcome, firstDecisions } = await backtest(
      rowsOf(
        20,
        failing((i) => i >= 9),
      ),
      canary,
    );
    const { at, by, message } = outcome;
    assert.deepEqual([outcome.outcome, at, by], ['rolledBack', '2026-11-02T10:52:00.000Z', 'errorRate']);
    assert.match(message, /^error rate 3 % is not < 1 %, window 3 of 6, evidence/);
    assert.equal(firstDecisions['errorRate']?.pass?.at, '2026-11-02T10:07:00.000Z');
    assert.equal(firstDecisions['errorRate']?.fail?.at, at);
  });

  it('backtest: bake ends with missing windows -> holds', async () => {
    const gap: Draw = (i, role) => (i < 6 ? null : fine(i, role));
    const only = rowsOf(28, (i, role) => (i === 0 ? { ...fine(i, role), Invocations: 50 } : gap(i, role)));
    const { outcome, timeline } = await backtest(only, canary);
    assert.ok(timeline.some(({ kind, message }) => kind === 'hold' && /50 of 100 requests/.test(message)));
    // Stage 1 ends five minutes late, with the window after the gap.
    assert.deepEqual([outcome.outcome, outcome.at], ['promoted', '2026-11-02T11:47:00.000Z']);
  });

  it('backtest: onInconclusive rollBack after 1h -> inconclusive after 1h of missing data', async () => {
    const silent = rowsOf(40, (i, role) =>
      i === 0 || i === 39 ? { periodSeconds: 300, ...fine(i, role) } : null,
    );
    const spec = { ...canary, onInconclusive: { rollBack: { after: '1h' } } };
    const quiet = { ...spec, guardrails: [{ ...errorRate, minimumRequests: 1500 }] };
    const { outcome } = await backtest(silent, quiet);
    assert.deepEqual([outcome.outcome, outcome.at], ['inconclusive', '2026-11-02T11:32:00.000Z']);
  });

  it('backtest: data ends too early -> held', async () => {
    const { outcome } = await backtest(rowsOf(8), canary);
    assert.equal(outcome.outcome, 'held');
    assert.equal(
      outcome.message,
      'no rule has failed when the data of stage 2 ends, but it is too early to promote',
    );
  });

  it('backtest: data ends in the bake at 100% -> held there', async () => {
    const { outcome, notices } = await backtest(rowsOf(18), canary);
    assert.deepEqual(
      [outcome.outcome, outcome.message, notices],
      ['held', 'no rule has failed when the data of stage 3 ends, but it is too early to promote', []],
    );
  });

  it('backtest: candidate fails in the bake at 100% -> rolled back', async () => {
    const { outcome } = await backtest(
      rowsOf(
        20,
        failing((i) => i >= 15),
      ),
      canary,
    );
    assert.deepEqual([outcome.outcome, outcome.at], ['rolledBack', '2026-11-02T11:22:00.000Z']);
    assert.match(outcome.message, /^error rate 3 % is not < 1 %, window 2 of 6, evidence/);
  });

  it('backtest: candidate rows begin late -> starts with the first of them', async () => {
    const late: Draw = (i, role) => (role === 'candidate' && i < 4 ? null : fine(i, role));
    const { timeline } = await backtest(rowsOf(24, late), canary);
    assert.equal(timeline[0]?.at, atWindow(4));
  });

  it('backtest: failure in the rollback window -> rolled back', async () => {
    const spec = { ...canary, rollbackWindow: '2h' };
    const { outcome } = await backtest(
      rowsOf(
        40,
        failing((i) => i >= 27),
      ),
      spec,
    );
    assert.deepEqual([outcome.outcome, outcome.at], ['rolledBack', '2026-11-02T12:22:00.000Z']);
    const short = await backtest(
      rowsOf(
        40,
        failing((i) => i >= 27),
      ),
      { ...canary, rollbackWindow: '30m' },
    );
    assert.equal(short.outcome.outcome, 'promoted');
  });

  it('backtest: comparison guardrail -> evidence over all stages', async () => {
    const spec = {
      ...canary,
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%', window: '5m' }],
    };
    const worse: Draw = (_, role) => ({
      Invocations: 20_000,
      Invocation5XXErrors: role === 'candidate' ? 160 : 80,
    });
    const { outcome } = await backtest(rowsOf(20, worse), spec);
    assert.deepEqual([outcome.outcome, outcome.by], ['rolledBack', 'errorRate-comparison']);
    assert.match(outcome.message, /candidate 0\.8 %, baseline 0\.4 %, ratio 2/);
  });

  it('backtest: windows longer than the recorded periods -> slow requests are added up', async () => {
    const slow = { metric: 'latency', slowerThan: '300ms', notWorseThanBaselineBy: '20%', window: '10m' };
    const worse: Draw = (_, role) => ({
      Invocations: 20_000,
      'ModelLatency.TC(300000:)': role === 'candidate' ? 400 : 200,
    });
    const { outcome } = await backtest(rowsOf(20, worse), { ...canary, guardrails: [slow] });
    assert.deepEqual([outcome.outcome, outcome.by], ['rolledBack', 'latency-over-300ms-comparison']);
    assert.match(outcome.message, /requests slower than 300 ms: candidate 2 %, baseline 1 %, ratio 2/);
  });
});

describe('backtest of a shadow', () => {
  const mirrored = { shadow: { mirror: '100%', bake: '30m' } };
  const spec = { ...canary, strategy: [mirrored, canary.strategy] };

  it('backtest: every stage is cleared -> the shadow first, then the shares', async () => {
    const { outcome, timeline } = await backtest(rowsOf(30), spec);
    const entered = timeline.filter(({ kind }) => kind === 'stage').map(({ stage, share }) => [stage, share]);
    assert.deepEqual(entered, [
      [1, 0],
      [2, 5],
      [3, 50],
      [4, 100],
    ]);
    assert.equal(outcome.outcome, 'promoted');
  });

  it('backtest: rule fails before users get the candidate -> failed', async () => {
    const { outcome } = await backtest(
      rowsOf(
        20,
        failing((i) => i >= 2),
      ),
      spec,
    );
    assert.deepEqual(
      [outcome.outcome, outcome.at, outcome.by],
      ['failed', '2026-11-02T10:17:00.000Z', 'errorRate'],
    );
  });
});

describe('backtest of a goal on a value', () => {
  const withCap = (cap: object) =>
    planWith({ strategy: 'abTest', goals: [{ metric: 'value', higherIsBetter: true, ...cap }] });

  it('excludeRules: cap is a percentile -> rejected; a number -> kept', () => {
    assert.throws(
      () => excludeRules(withCap({}), []),
      /^RangeError: Cannot judge goal:value: .* set its cap to a number, .* --exclude "goal:value"/,
    );
    assert.deepEqual(
      excludeRules(withCap({ cap: 500 }), []).plan.goals.map(({ id }) => id),
      ['goal:value'],
    );
  });
});

describe('backtest of an expression', () => {
  const source = { expression: 'm1', metrics: { m1: { namespace: 'Shop', name: 'Failed' } } };
  const plan = planWith({ ...canary, guardrails: [errorRate, { metric: 'failures', below: 1, source }] });

  it('excludeRules: expression -> rejected, unless it is excluded', () => {
    assert.throws(
      () => excludeRules(plan, []),
      /^RangeError: Cannot judge failures: .* --exclude "failures"/,
    );
    assert.deepEqual(
      excludeRules(plan, ['failures']).plan.guardrails.map(({ id }) => id),
      ['errorRate'],
    );
  });
});

describe('backtest of an experiment', () => {
  const source = { namespace: 'Shop', name: 'Orders', per: 'Visitors' };
  const spec = {
    strategy: { abTest: { split: '50%', for: '12h', atMost: '1d' } },
    goals: [{ metric: 'orders', higherIsBetter: true, weekly: false, window: '1h', source }],
    guardrails: [errorRate],
  };
  const orders =
    (candidate: number): Draw =>
    (i, role: Role) => ({
      ...fine(i, role),
      'Shop/Visitors': 1000,
      'Shop/Orders': role === 'candidate' ? candidate : 40,
    });

  it('backtest: better candidate -> promoted after the minimum time', async () => {
    const { outcome } = await backtest(rowsOf(300, orders(50)), spec);
    assert.deepEqual([outcome.outcome, outcome.at], ['promoted', '2026-11-02T22:17:00.000Z']);
  });

  it('backtest: worse candidate -> rolled back when the evidence is sufficient', async () => {
    const { outcome } = await backtest(rowsOf(300, orders(30)), spec);
    assert.deepEqual([outcome.outcome, outcome.by], ['rolledBack', 'goal:orders']);
    assert.ok(outcome.at < '2026-11-02T22:00', outcome.at);
  });

  // Promoted after one window at 100 % and its data delay. Held when the last data of the goal is there.
  const endings = {
    rollBack: ['inconclusive', '2026-11-03T10:00:00.000Z'],
    promote: ['promoted', '2026-11-03T10:07:00.000Z'],
    hold: ['held', '2026-11-03T11:10:00.000Z'],
  };
  for (const [onInconclusive, [outcome, endsAt]] of Object.entries(endings)) {
    it(`backtest: goals never decide, onInconclusive ${onInconclusive} -> ${outcome}`, async () => {
      const result = await backtest(rowsOf(300, orders(40)), { ...spec, onInconclusive });
      assert.deepEqual([result.outcome.outcome, result.outcome.at], [outcome, endsAt]);
      const holds = result.timeline.filter(({ kind }) => kind === 'hold');
      assert.equal(holds.length, outcome === 'held' ? 1 : 0, JSON.stringify(holds, null, 1));
    });
  }
});

describe('backtest with the stages of the data', () => {
  it('backtest: data with shares -> stages and times from the data', async () => {
    const { outcome, stages, timeline, notices } = await backtest(rowsOf(20, at(sharesLive)), canary);
    assert.equal(stages, 'data');
    assert.deepEqual(notices, ['the bake of 30m at 100% is not judged: the data has no such stage']);
    const entered = timeline
      .filter(({ kind }) => kind === 'stage')
      .map(({ at, stage, share }) => [at, stage, share]);
    assert.deepEqual(entered, [
      [atWindow(0), 1, 5],
      [atWindow(7), 2, 50],
    ]);
    assert.deepEqual([outcome.outcome, outcome.at], ['promoted', '2026-11-02T11:07:00.000Z']);
  });

  const toAllTraffic = (i: number) => (i < 7 ? 5 : i < 14 ? 50 : 100);

  it('backtest: data with the bake at 100% that the plan adds -> judged like any other stage', async () => {
    const { outcome, timeline, notices } = await backtest(rowsOf(22, at(toAllTraffic)), canary);
    const entered = timeline
      .filter(({ kind }) => kind === 'stage')
      .map(({ at, stage, share }) => [at, stage, share]);
    assert.deepEqual(entered, [
      [atWindow(0), 1, 5],
      [atWindow(7), 2, 50],
      [atWindow(14), 3, 100],
    ]);
    assert.deepEqual([outcome.outcome, outcome.at, notices], ['promoted', '2026-11-02T11:42:00.000Z', []]);
    const failed = await backtest(
      rowsOf(
        22,
        at(
          toAllTraffic,
          failing((i) => i >= 16),
        ),
      ),
      canary,
    );
    assert.deepEqual([failed.outcome.outcome, failed.outcome.at], ['rolledBack', '2026-11-02T11:27:00.000Z']);
  });

  it('backtest: recorded rollout stopped during the bake at 100% -> held, not promoted', async () => {
    const { outcome } = await backtest(rowsOf(18, at(toAllTraffic)), canary);
    assert.deepEqual(
      [outcome.outcome, outcome.message],
      ['held', 'no rule has failed when the data of stage 3 ends, but it is too early to promote'],
    );
  });

  it('backtest: the spec lists 100%, and the data ends before it -> held', async () => {
    const listed = { ...canary, strategy: { canary: { steps: ['5%', '50%', '100%'], bake: '30m' } } };
    const { outcome, notices } = await backtest(rowsOf(20, at(sharesLive)), listed);
    assert.deepEqual(
      [outcome.outcome, outcome.message, notices],
      ['held', 'no rule has failed when the data of stage 2 ends, but it is too early to promote', []],
    );
  });

  it('backtest: data with stage numbers -> stages from the numbers', async () => {
    const numbered: Draw = (i, role) => ({ stage: i < 7 ? 1 : 2, ...fine(i, role) });
    const { timeline } = await backtest(rowsOf(20, numbered), canary);
    assert.deepEqual(
      timeline.filter(({ kind }) => kind === 'stage').map(({ share }) => share),
      [5, 50],
    );
  });

  it('backtest: data ends before the last stage -> held', async () => {
    const { outcome } = await backtest(
      rowsOf(
        20,
        at(() => 5),
      ),
      canary,
    );
    assert.equal(outcome.outcome, 'held');
    assert.match(outcome.message, /when the data of stage 1 ends, but it is too early to promote/);
  });

  it('backtest: recorded rollout stopped during a bake -> held, not promoted', async () => {
    const { outcome } = await backtest(rowsOf(11, at(sharesLive)), canary);
    assert.equal(outcome.outcome, 'held');
  });

  it('backtest: data continues after a stage that the spec would not leave -> guardrails still apply', async () => {
    const strict = { ...canary, guardrails: [{ ...errorRate, minimumRequests: 100_000 }] };
    const held = await backtest(rowsOf(20, at(sharesLive)), strict);
    assert.equal(held.outcome.outcome, 'held');
    assert.match(held.outcome.message, /when the data of stage 1 ends: error rate: \d+ of 100000 requests/);
    const late = { ...canary, guardrails: [errorRate, { ...errorRate, minimumRequests: 100_000 }] };
    const failed = await backtest(
      rowsOf(
        20,
        at(
          sharesLive,
          failing((i) => i >= 15),
        ),
      ),
      late,
    );
    assert.deepEqual([failed.outcome.outcome, failed.outcome.by], ['rolledBack', 'errorRate']);
  });

  it('backtest: recorded share not in the plan -> watched as long as the data has it', async () => {
    const { outcome, timeline } = await backtest(
      rowsOf(
        24,
        at((i) => (i < 7 ? 5 : i < 12 ? 20 : 50)),
      ),
      canary,
    );
    assert.equal(outcome.outcome, 'promoted');
    assert.ok(timeline.some(({ stage, share, kind }) => kind === 'stage' && stage === null && share === 20));
  });

  it('backtest: stage is cleared long before the recorded rollout continued -> guardrails still apply', async () => {
    const slow = at(
      (i) => (i < 20 ? 5 : 50),
      failing((i) => i >= 12),
    );
    const { outcome } = await backtest(rowsOf(40, slow), canary);
    assert.deepEqual([outcome.outcome, outcome.at], ['rolledBack', '2026-11-02T11:07:00.000Z']);
    assert.match(outcome.message, /^error rate 3 % is not < 1 %, window 13, evidence/);
  });

  it('backtest: the spec would not leave a stage, and the data has two more -> adopts their shares', async () => {
    const strict = { ...canary, guardrails: [{ ...errorRate, minimumRequests: 100_000 }] };
    const rows = rowsOf(
      30,
      at((i) => (i < 7 ? 5 : i < 15 ? 50 : 20)),
    );
    const { outcome, timeline } = await backtest(rows, strict);
    assert.deepEqual([outcome.outcome, outcome.at], ['held', atWindow(7)]);
    assert.deepEqual(
      timeline
        .filter(({ kind }) => kind === 'stage' || kind === 'hold')
        .map(({ at, kind, stage, share }) => [at, kind, stage, share]),
      [
        [atWindow(0), 'stage', 1, 5],
        ['2026-11-02T10:32:00.000Z', 'hold', 1, 5],
        [atWindow(7), 'stage', 2, 50],
        [atWindow(15), 'stage', null, 20],
      ],
    );
  });

  it('backtest: recorded bandit -> one experiment with the recorded shares', async () => {
    const source = { namespace: 'Shop', name: 'Orders', per: 'Visitors' };
    const spec = {
      strategy: { bandit: { start: '20%', every: '1h', floor: '10%', cap: '80%', for: '3h', atMost: '1d' } },
      goals: [{ metric: 'orders', higherIsBetter: true, weekly: false, window: '5m', source }],
      guardrails: [errorRate],
    };
    const shareAt = (i: number) => (i < 12 ? 20 : i < 24 ? 35 : 60);
    const orders: Draw = (i, role) => {
      const requests = 200 * (role === 'candidate' ? shareAt(i) : 100 - shareAt(i));
      const rate = role === 'candidate' ? 0.05 : 0.04;
      return {
        ...fine(i, role),
        Invocations: requests,
        'Shop/Visitors': requests,
        'Shop/Orders': requests * rate,
      };
    };
    const recorded = at(shareAt, orders);
    const { outcome, timeline } = await backtest(rowsOf(48, recorded), spec);
    const entered = timeline.filter(({ kind }) => kind === 'stage').map(({ at, share }) => [at, share]);
    assert.deepEqual(entered, [
      [atWindow(0), 20],
      [atWindow(12), 35],
      [atWindow(24), 60],
    ]);
    assert.deepEqual([outcome.outcome, outcome.at], ['promoted', '2026-11-02T13:10:00.000Z']);
  });

  it('backtest: no traffic -> held', async () => {
    const { outcome } = await backtest(
      rowsOf(
        6,
        at(() => 0),
      ),
      canary,
    );
    assert.deepEqual([outcome.outcome, outcome.message], ['held', 'the data has no stage with traffic']);
  });
});

describe('backtest with windows that do not fit the data', () => {
  it('backtest: windows shorter than the periods -> windows of the data', async () => {
    const spec = { ...canary, guardrails: [{ metric: 'errorRate', below: '1%', window: '1m' }] };
    const { outcome, timeline } = await backtest(rowsOf(20), spec);
    assert.equal(outcome.outcome, 'promoted');
    assert.ok(timeline.some(({ message }) => message.endsWith('window 1 of 6')));
  });

  it('backtest: percentile of joined windows -> the worst percentile', async () => {
    const few: Draw = (i, role) => ({
      ...fine(i, role),
      Invocations: 600,
      'ModelLatency.p99': i === 3 ? 300_000 : 140_000,
    });
    const spec = {
      ...canary,
      guardrails: [{ metric: 'latency', stat: 'p99', below: '250ms', window: '5m', failures: '1 of 1' }],
    };
    const { outcome } = await backtest(rowsOf(20, few), spec);
    assert.match(outcome.message, /^p99 latency 300 ms is not < 250 ms, windows 3-4 of 6$/);
  });

  it('backtest: average of joined windows, higher is better -> the lowest average', async () => {
    const scored: Draw = (i, role) => ({
      ...fine(i, role),
      Invocations: 600,
      'Shop/Accuracy.Average': i === 3 ? 0.5 : 0.95,
    });
    const source = { namespace: 'Shop', name: 'Accuracy', stat: 'Average' };
    // Joined because there are too few requests, and longer than the recorded periods.
    for (const window of ['5m', '10m']) {
      const accuracy = {
        metric: 'accuracy',
        above: 0.9,
        source,
        window,
        minimumRequests: 1000,
        failures: '1 of 1',
      };
      const { outcome } = await backtest(rowsOf(20, scored), { ...canary, guardrails: [accuracy] });
      assert.match(outcome.message, /^accuracy 0\.5 is not > 0\.9, window/);
    }
  });
});
