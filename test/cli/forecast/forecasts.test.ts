import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { forecast, type Assumptions, type Forecasts } from '../../../src/cli/forecast/forecasts.js';
import { planWith } from '../../plan/specs.js';
import { penstock } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const file = fileURLToPath(new URL('../specs/experiment.yaml', import.meta.url));
const usual: Assumptions = {
  requestsPerHour: 2_000,
  baseRates: new Map(),
  relativeStds: new Map(),
  effectPercent: null,
};

describe('penstock plan --requests-per-hour', function () {
  this.timeout(60_000);

  it('says when comparisons and goals would decide, and what would help those that would not', async () => {
    const argv = ['plan', file, '--requests-per-hour', '2000', '--relative-std', '2', '--effect', '10%'];
    const { exitCode, stdout } = await penstock([...argv, '--base-rate', 'conversion=4%']);
    assert.equal(exitCode, 0);
    assertSnapshot('plan-forecasts', stdout.slice(stdout.indexOf('Time to a decision')));
  });

  it('says the same as JSON', async () => {
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

  it('reads from CloudWatch what is not said', async () => {
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
    const said = await penstock([...argv, '--base-rate', '2%', '--requests-per-hour', '100'], {
      readHistory,
    });
    const { decisions: other } = JSON.parse(said.stdout) as { decisions: Forecasts };
    assert.equal(other.requestsPerHour, 100);
    assert.equal(other.rules[0]?.baseRatePercent, 2);
  });

  const wrong: { argv: string[]; says: RegExp }[] = [
    { argv: ['--base-rate', 'many'], says: /A rate such as 1%/ },
    { argv: ['--base-rate', 'clicks=3%'], says: /no comparison or goal clicks: it has errorRate, model/ },
    { argv: ['--base-rate', '60%', '--effect', '150%'], says: /^error rate: a rate of 1\.5/ },
    { argv: ['--effect', '0%'], says: /A percentage such as 5%/ },
    { argv: ['--relative-std', 'value=-1'], says: /A number above 0/ },
  ];
  for (const { argv, says } of wrong) {
    it(`ends with 2: ${argv.join(' ')}`, async () => {
      const { exitCode, stderr } = await penstock(['plan', file, '--requests-per-hour', '2000', ...argv]);
      assert.equal(exitCode, 2);
      assert.match(stderr, says);
    });
  }
});

describe('penstock plan', () => {
  it('refuses to guess the traffic', async () => {
    const { exitCode, stderr } = await penstock(['plan', file, '--effect', '5%']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /needs --requests-per-hour/);
  });
});

describe('forecast', function () {
  this.timeout(60_000);

  it('names the margin where it hides the effect', async () => {
    const argv = ['plan', file, '--requests-per-hour', '2000', '--effect', '30%'];
    const { stdout } = await penstock(argv);
    assert.match(stdout, /30 % worse than 1 %, which it tolerates up to 50 %, in the 14d4h/);
  });

  it('has nothing to say without comparisons and goals, nor where the candidate has all requests at once', () => {
    assert.deepEqual(
      forecast(planWith({ guardrails: [{ metric: 'errorRate', below: '1%' }] }), usual).rules,
      [],
    );
    const guardrails = [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }];
    assert.deepEqual(forecast(planWith({ strategy: 'standard', guardrails }), usual).rules, []);
  });

  it('counts a proof where the guardrail asks for one', () => {
    const compared = planWith({
      strategy: { canary: { steps: ['50%'], bake: '7d' } },
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '50%', requireProof: true, window: '1h' }],
    });
    const { rules } = forecast(compared, usual);
    assert.deepEqual(
      rules.map(({ finds }) => finds),
      ['worse', 'notWorse'],
    );
    assert.ok(rules.every(({ maxSeconds, withinSeconds }) => maxSeconds! < withinSeconds));
  });

  it('takes under two seconds for rules that cannot decide', () => {
    const metrics = ['errorRate', 'clientErrorRate', 'modelErrorRate'];
    const guardrails = metrics.map((metric) => ({ metric, notWorseThanBaselineBy: '10%', window: '1m' }));
    const strategy = [{ canary: { steps: ['1%', '5%', '25%', '50%'], bake: '1d' } }];
    const startMs = performance.now();
    const { rules } = forecast(planWith({ strategy, guardrails }), usual);
    assert.ok(rules.every(({ help }) => help !== null));
    // With room for a machine that is busy with other tests.
    assert.ok(performance.now() - startMs < 6_000);
  });
});
