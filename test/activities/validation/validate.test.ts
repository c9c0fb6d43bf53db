import assert from 'node:assert/strict';
import { isSubset } from '../../../src/activities/validation/check-golden.js';
import { judgeLoad } from '../../../src/activities/validation/check-load.js';
import type { GoldenRequest, ValidationPlan } from '../../../src/plan/compiled/validation-plan.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

const nothing: ValidationPlan = { smoke: null, golden: null, latency: null, load: null };
const request: GoldenRequest = { body: { pixels: [0] }, contentType: 'application/json' };

function golden(expect: unknown, minimumMatchPercent = 100): ValidationPlan {
  const record = { ...request, expect };
  return { ...nothing, golden: { records: [record, record], minimumMatchPercent } };
}

describe('validating a variant', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
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
    assert.equal(report.message, '2 of 2 golden answers match');
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
    assert.match(report.message, /, p99 latency \d+\.\d ms < 60000 ms$/);
    await assert.rejects(
      run({ ...golden({ digit: 7 }), latency: { ...latency, belowMs: 0.001 } }),
      failureOf('ValidationFailed', /p99 latency .* is not < 0.001 ms/),
    );
  });

  it('takes no failure for a fast answer', async () => {
    const latency = { percentile: 99, belowMs: 60_000, requests: 50 };
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: 0.2 });
    await assert.rejects(
      run({ ...golden({ digit: 7 }, 0), latency }),
      failureOf('ValidationFailed', /^b: [1-9]\d? of 50 timed requests failed, the first with status 5\d\d$/),
    );
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(
      run({ ...golden({ digit: 7 }, 0), latency }),
      failureOf('ValidationFailed', /^b: cannot measure latency: 50 of 50 timed requests failed, /),
    );
  });

  it('times smoke requests where there are no golden ones, and nothing without either', async () => {
    const latency = { percentile: 99, belowMs: 60_000, requests: 3 };
    const report = await run({ ...nothing, smoke: { requests: [request] }, latency });
    assert.match(report.message, /^1 of 1 smoke requests answered, p99 latency \d/);
    await assert.rejects(
      run({ ...nothing, latency }),
      failureOf('ValidationFailed', /cannot measure latency: there are no requests/),
    );
  });

  it('wants every smoke request answered', async () => {
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(
      run({ ...nothing, smoke: { requests: [request, request] } }),
      failureOf('ValidationFailed', /^b: smoke request 1 failed with status 5\d\d; smoke request 2 failed/),
    );
  });

  describe('under load', () => {
    const load = { requestsPerSecond: 50, seconds: 1, maximumErrorPercent: 10 };

    it('goes on at its pace, and tells latencies and errors', async () => {
      const began = performance.now();
      const report = await run({ ...golden({ digit: 7 }), load });
      assert.ok(performance.now() - began >= 950);
      assert.match(report.message, /, 50 requests at 50\/s: 0 errors \(0 %\), p50 \d.* ms, p99 \d.* ms$/);
    });

    it('does not slow down where the answers do', async () => {
      // At one request after another, these would take ten seconds.
      stage.emulator.faults.add({ operation: 'InvokeEndpoint', kind: 'slow', seconds: 0.2, count: 50 });
      const began = performance.now();
      await run({ ...nothing, smoke: { requests: [] }, golden: golden({ digit: 7 }).golden, load });
      assert.ok(performance.now() - began < 5_000);
    });

    it('fails where too many requests do', async () => {
      await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: 0.5 });
      await assert.rejects(
        run({ ...golden({ digit: 7 }, 0), load }),
        failureOf('ValidationFailed', /50 requests at 50\/s: \d+ errors .*; the maximum is 10 % errors/),
      );
    });

    it('ends at once where it is denied access', async () => {
      stage.emulator.faults.add({ operation: 'InvokeEndpoint', kind: 'accessDenied', nth: 3 });
      const began = performance.now();
      const long = { ...load, seconds: 60 };
      await assert.rejects(run({ ...golden({ digit: 7 }), load: long }), failureOf('AccessDenied'));
      assert.ok(performance.now() - began < 10_000);
    });

    it('allows just so many errors', () => {
      const shots = Array.from({ length: 20 }, (_, i) => ({ failed: i < 2, ms: i + 1 }));
      assert.deepEqual(judgeLoad(load, shots), {
        problems: [],
        message: '20 requests at 50/s: 2 errors (10 %), p50 10.0 ms, p99 20.0 ms',
      });
      assert.equal(judgeLoad(load, shots.slice(0, 19)).problems.length, 1);
    });

    it('is none without requests', async () => {
      await assert.rejects(
        run({ ...nothing, load }),
        failureOf('ValidationFailed', /cannot apply load: there are no requests/),
      );
    });
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
