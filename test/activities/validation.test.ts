import assert from 'node:assert/strict';
import { isSubset } from '../../src/activities/validation.js';
import type { ValidationPlan } from '../../src/plan/plan.js';
import { failureOf, Stage, variantOf } from './stage.js';

function golden(expect: unknown, minimumMatchPercent = 100): ValidationPlan {
  const record = { body: { pixels: [0] }, contentType: 'application/json', expect };
  return { golden: { records: [record, record], minimumMatchPercent }, latency: null };
}

describe('validating a variant', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
    await stage.putModel('digits-v1');
    await stage.putModel('digits-v2');
    await stage.emulator.setBehaviour({ model: 'digits-v2', response: { digit: 7, sure: 0.9 } });
    const variants = [variantOf('a', 'digits-v1', 1, 100), variantOf('b', 'digits-v2', 1, 0)];
    await stage.putConfig('both', variants);
    await stage.putEndpoint('both');
  });
  afterEach(() => stage.close());

  const run = (validation: ValidationPlan) =>
    stage.run('validate', { endpoint: 'digits', variant: 'b', validation });

  it('reaches the variant that has no traffic, and counts golden answers', async () => {
    const report = await run(golden({ digit: 7 }));
    assert.deepEqual([report.goldenMatched, report.goldenTotal], [2, 2]);
    assert.equal(report.sentence, '2 of 2 golden answers match');
  });

  it('fails with the records that missed', async () => {
    await assert.rejects(
      run(golden({ digit: 8 }, 50)),
      failureOf(
        'ValidationFailed',
        /b: 0 of 2 golden answers match, fewer than 50 % \(missed: record 1, 2\)/,
      ),
    );
  });

  it('counts a failing model as a miss', async () => {
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(run(golden({ digit: 7 })), failureOf('ValidationFailed', /0 of 2/));
  });

  it('times the requests', async () => {
    const latency = { percentile: 99, belowMs: 60_000, requests: 5 };
    const report = await run({ ...golden({ digit: 7 }), latency });
    assert.match(report.sentence, /, p99 latency \d+\.\d ms < 60000 ms$/);
    await assert.rejects(
      run({ ...golden({ digit: 7 }), latency: { ...latency, belowMs: 0.001 } }),
      failureOf('ValidationFailed', /p99 latency .* is not < 0.001 ms/),
    );
  });

  it('does not pass a latency that it cannot measure', async () => {
    const latency = { percentile: 99, belowMs: 100, requests: 5 };
    await assert.rejects(
      run({ golden: null, latency }),
      failureOf('ValidationFailed', /without golden requests/),
    );
  });
});

describe('an expected answer', () => {
  const cases: [unknown, unknown, boolean][] = [
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 2], c: 3 } }, true],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: undefined }, {}, false],
    [[1], [1, 2], false],
    [{}, [], false],
    [{}, null, false],
    [null, null, true],
    ['7', 7, false],
  ];
  for (const [expected, actual, matches] of cases) {
    it(`${JSON.stringify(expected)} ${matches ? 'is' : 'is not'} in ${JSON.stringify(actual)}`, () => {
      assert.equal(isSubset(expected, actual), matches);
    });
  }
});
