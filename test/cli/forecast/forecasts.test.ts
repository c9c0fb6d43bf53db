import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { forecastFalseRollbacks } from '../../../src/cli/forecast/false-rollbacks.js';
import { forecast, type Assumptions, type Forecasts } from '../../../src/cli/forecast/forecasts.js';
import { planWith } from '../../plan/specs.js';
import { penstock } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const bounded = fileURLToPath(new URL('../specs/valid.yaml', import.meta.url));
const file = fileURLToPath(new URL('../specs/experiment.yaml', import.meta.url));
const assumptions: Assumptions = {
  requestsPerHour: 2_000,
  baseRates: new Map(),
  relativeStds: new Map(),
  effectPercent: null,
};

describe('penstock plan --requests-per-hour', () => {
  it('forecast: comparisons and goals -> when each decides, and changes that would help', async () => {
    const argv = ['plan', file, '--requests-per-hour', '2000', '--relative-std', '2', '--effect', '10%'];
    const { exitCode, stdout } = await penstock([...argv, '--base-rate', 'conversion=4%']);
    assert.equal(exitCode, 0);
    assertSnapshot('plan-forecasts', stdout.slice(stdout.indexOf('Time to a decision')));
  });

  it('forecast: --json -> the decisions as JSON', async () => {
    const { stdout } = await penstock(['plan', file, '--requests-per-hour', '2000', '--json']);
    const { decisions } = JSON.parse(stdout) as { decisions: Forecasts };
    assert.deepEqual(
      decisions.rules.map(({ rule, finds, effectPercent }) => [rule, finds, effectPercent]),
      [
        ['errorRate-comparison', 'worse', 20],
        ['modelErrorRate-comparison', 'worse', 100],
        ['goal:conversion', 'better', 20],
      ],
    );
    assert.deepEqual(decisions.unknown, ['value']);
  });

  it('forecast: bounds -> the chance that each rolls back a candidate with the rate of the baseline', () => {
    const plan = planWith({
      strategy: { canary: { steps: ['1%', '10%', '50%'], bake: '30m' } },
      guardrails: [
        { metric: 'errorRate', below: '1%' },
        { metric: 'errorRate', below: '1%', strict: true },
        { metric: 'modelErrorRate', below: '1%' },
        { metric: 'latency', stat: 'p99', below: '1s' },
        { metric: 'errorRate', below: '0.1%', minimumRequests: 1_000 },
      ],
    });
    const baseRates = new Map([
      ['errorRate', 0.3],
      ['errorRate-2', 0.3],
      ['errorRate-3', 0.3],
    ]);
    const found = forecastFalseRollbacks(plan, { requestsPerHour: 20_000, baseRates });
    const chances = found.map(
      ({ chance, missing }) => missing ?? (chance?.rolledBack ?? NaN) / (chance?.rollouts ?? 0),
    );
    const [test, strict, unknown, percentile, breached] = chances;
    assert.equal(test, 0);
    // 98 % in bench/judgement.
    assert.ok(Number(strict) > 0.9, String(strict));
    assert.deepEqual([unknown, percentile], ['baseRate', 'counts']);
    assert.ok(Number(breached) > 0.5, String(breached));
  });

  it('forecast: bounds -> a table with what is missing', async () => {
    const argv = ['plan', bounded, '--requests-per-hour', '20000', '--base-rate', 'errorRate=0.3%'];
    const { stdout } = await penstock(argv);
    const lines = stdout.slice(stdout.indexOf('Chance that a bound')).split('\n');
    assert.match(lines[2] ?? '', /error rate < .* 0.3 % .*under 1 %$/);
  });

  it('forecast: --from-cloudwatch -> reads the figures without an option', async () => {
    const readHistory = () =>
      Promise.resolve({
        requestsPerHour: 5_000,
        baseRates: new Map([['errorRate-comparison', 3]]),
        relativeStds: new Map([['goal:value', 2]]),
      });
    const argv = ['plan', file, '--from-cloudwatch', '--base-rate', 'conversion=4%', '--json'];
    const { decisions } = JSON.parse((await penstock(argv, { readHistory })).stdout) as {
      decisions: Forecasts;
    };
    assert.equal(decisions.requestsPerHour, 5_000);
    assert.deepEqual(
      decisions.rules.map(({ baseRatePercent, isAssumed }) => [baseRatePercent, isAssumed]),
      [
        [3, false],
        [1, true],
        [4, false],
        [null, false],
      ],
    );
    const given = await penstock([...argv, '--base-rate', '2%', '--requests-per-hour', '100'], {
      readHistory,
    });
    const { decisions: other } = JSON.parse(given.stdout) as { decisions: Forecasts };
    assert.equal(other.requestsPerHour, 100);
    assert.equal(other.rules[0]?.baseRatePercent, 2);
  });

  const invalid: { argv: string[]; expected: RegExp }[] = [
    { argv: ['--base-rate', 'many'], expected: /Expected a rate such as 1%/ },
    {
      argv: ['--base-rate', 'clicks=3%'],
      expected: /Unknown comparison or goal clicks: expected one of errorRate, model/,
    },
    {
      argv: ['--base-rate', '60%', '--effect', '150%'],
      expected: /^error rate: expected a rate from 0 to 1, got 1\.5/,
    },
    { argv: ['--effect', '0%'], expected: /Expected a percentage such as 5%/ },
    { argv: ['--relative-std', 'value=-1'], expected: /Expected a number above 0/ },
  ];
  for (const { argv, expected } of invalid) {
    it(`forecast: ${argv.join(' ')} -> exit code 2`, async () => {
      const { exitCode, stderr } = await penstock(['plan', file, '--requests-per-hour', '2000', ...argv]);
      assert.equal(exitCode, 2);
      assert.match(stderr, expected);
    });
  }
});

describe('penstock plan', () => {
  it('penstock plan: --effect without the traffic -> exit code 2', async () => {
    const { exitCode, stderr } = await penstock(['plan', file, '--effect', '5%']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /pass --requests-per-hour/);
  });
});

describe('forecast', () => {
  it('forecast: effect below the tolerance -> names the tolerance', async () => {
    const argv = ['plan', file, '--requests-per-hour', '2000', '--effect', '30%'];
    const { stdout } = await penstock(argv);
    assert.match(stdout, /30 % worse than 1 % \(tolerated up to 50 %\) within the planned 14d4h/);
  });

  it('forecast: no comparison, or all requests to the candidate at once -> no rules', () => {
    assert.deepEqual(
      forecast(planWith({ guardrails: [{ metric: 'errorRate', below: '1%' }] }), assumptions).rules,
      [],
    );
    const guardrails = [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }];
    assert.deepEqual(forecast(planWith({ strategy: 'standard', guardrails }), assumptions).rules, []);
  });

  it('forecast: requireProof -> a forecast of the proof too', () => {
    const compared = planWith({
      strategy: { canary: { steps: ['50%'], bake: '7d' } },
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '50%', requireProof: true, window: '1h' }],
    });
    const { rules } = forecast(compared, assumptions);
    assert.deepEqual(
      rules.map(({ finds }) => finds),
      ['worse', 'notWorse'],
    );
    assert.ok(rules.every(({ maxSeconds, withinSeconds }) => maxSeconds! < withinSeconds));
  });

  it('forecast: rules that cannot decide -> within seconds', () => {
    const metrics = ['errorRate', 'clientErrorRate', 'modelErrorRate'];
    const guardrails = metrics.map((metric) => ({ metric, notWorseThanBaselineBy: '10%', window: '1m' }));
    const strategy = [{ canary: { steps: ['1%', '5%', '25%', '50%'], bake: '1d' } }];
    const start = process.cpuUsage();
    const { rules } = forecast(planWith({ strategy, guardrails }), assumptions);
    assert.ok(rules.every(({ help }) => help !== null));
    // CPU time, because other processes may use the machine. Usually under two seconds.
    assert.ok(process.cpuUsage(start).user < 6_000_000);
  });
});
