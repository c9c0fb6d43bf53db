import assert from 'node:assert/strict';
import { judgeLoad } from '../../../src/activities/validation/check-load.js';
import type { GoldenRequest, ValidationPlan } from '../../../src/plan/compiled/validation-plan.js';
import { answer, Receiver } from '../webhooks/receiver.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

const nothing: ValidationPlan = { smoke: null, golden: null, latency: null, load: null };
const request: GoldenRequest = { body: { pixels: [0] }, contentType: 'application/json' };

function golden(expect: unknown, minimumMatchPercent = 100): ValidationPlan {
  const record = { ...request, expect };
  return { ...nothing, golden: { records: [record, record], minimumMatchPercent } };
}

describe('validate', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v1');
    await testEnv.putModel('digits-v2');
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', response: { digit: 7, sure: 0.9 } });
    const variants = [variantOf('a', 'digits-v1', 1, 100), variantOf('b', 'digits-v2', 1, 0)];
    await testEnv.putConfig('both', variants);
    await testEnv.putEndpoint('both');
  });
  afterEach(() => testEnv.close());

  const run = (validation: ValidationPlan) =>
    testEnv.run('validate', { rolloutId: 'digits-1a2b3c4d', endpoint: 'digits', variant: 'b', validation });

  it('validate: variant without traffic -> counts its golden answers', async () => {
    const report = await run(golden({ digit: 7 }));
    assert.deepEqual([report.goldenMatched, report.goldenTotal], [2, 2]);
    assert.equal(report.message, '2 of 2 golden answers match');
  });

  it('validate: golden answers differ -> ValidationFailed with the records', async () => {
    await assert.rejects(
      run(golden({ digit: 8 }, 50)),
      failureOf(
        'ValidationFailed',
        /b: 0 of 2 golden answers match, fewer than 50 % \(missed: record 1, 2\); record 1: digit is 7, expected 8$/,
      ),
    );
  });

  it('validate: model fails -> golden answers do not match', async () => {
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(run(golden({ digit: 7 })), failureOf('ValidationFailed', /0 of 2/));
  });

  it('validate: the last digit of a float differs -> matches, and not with tolerance 0', async () => {
    const response = { label: 'tiger', score: 17.559246 };
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', response });
    const expect = { label: 'tiger', score: 17.559244 };
    assert.equal((await run(golden(expect))).goldenMatched, 2);
    const exact = { ...request, expect, tolerance: { relativePercent: 0, absolute: 0 } };
    await assert.rejects(
      run({ ...nothing, golden: { records: [exact], minimumMatchPercent: 100 } }),
      failureOf('ValidationFailed', /record 1: score is 17\.559246, expected 17\.559244$/),
    );
  });

  it('validate: expected text and an answer that reads as a number -> compared as text', async () => {
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', response: 0.731 });
    assert.equal((await run(golden('0.731'))).goldenMatched, 2);
    await assert.rejects(run(golden('0.732')), failureOf('ValidationFailed', /0 of 2/));
  });

  it('validate: pattern -> matches somewhere in the answer, or the record is missed', async () => {
    const patterns = (matches: string): ValidationPlan => ({
      ...nothing,
      golden: { records: [{ ...request, matches }], minimumMatchPercent: 100 },
    });
    assert.equal((await run(patterns('"digit":\\s*[0-9]\\b'))).goldenMatched, 1);
    await assert.rejects(
      run(patterns('"digit":8')),
      failureOf('ValidationFailed', /record 1: the answer does not match the pattern$/),
    );
  });

  it('validate: judge -> decides each answered record', async () => {
    const receiver = await Receiver.open();
    receiver.replies(answer(200, { answer: 'yes' }), answer(200, { answer: 'no', reason: 'rude' }));
    const judge = { address: { url: receiver.url }, secretEnv: null };
    const judged = { records: [request], minimumMatchPercent: 100, judge };
    assert.equal((await run({ ...nothing, golden: judged })).goldenMatched, 1);
    await assert.rejects(
      run({ ...nothing, golden: judged }),
      failureOf('ValidationFailed', /record 1: judge 127\.0\.0\.1:\d+ says no: rude$/),
    );
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(
      run({ ...nothing, golden: judged }),
      failureOf('ValidationFailed', /record 1: the request failed$/),
    );
    assert.equal(receiver.received.length, 2);
    await receiver.close();
  });

  it('validate: latency limit -> percentile in the report, ValidationFailed over the limit', async () => {
    const latency = { percentile: 99, belowMs: 60_000, requests: 5 };
    const report = await run({ ...golden({ digit: 7 }), latency });
    assert.match(report.message, /, p99 latency \d+\.\d ms < 60000 ms$/);
    await assert.rejects(
      run({ ...golden({ digit: 7 }), latency: { ...latency, belowMs: 0.001 } }),
      failureOf('ValidationFailed', /p99 latency .* is not < 0.001 ms/),
    );
  });

  it('validate: failed timed requests -> ValidationFailed', async () => {
    const latency = { percentile: 99, belowMs: 60_000, requests: 50 };
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 0.2 });
    await assert.rejects(
      run({ ...golden({ digit: 7 }, 0), latency }),
      failureOf('ValidationFailed', /^b: [1-9]\d? of 50 timed requests failed, the first with status 5\d\d$/),
    );
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(
      run({ ...golden({ digit: 7 }, 0), latency }),
      failureOf('ValidationFailed', /^b: cannot measure latency: 50 of 50 timed requests failed, /),
    );
  });

  it('validate: latency without golden requests -> times smoke requests, fails without requests', async () => {
    const latency = { percentile: 99, belowMs: 60_000, requests: 3 };
    const report = await run({ ...nothing, smoke: { requests: [request] }, latency });
    assert.match(report.message, /^1 of 1 smoke requests answered, p99 latency \d/);
    await assert.rejects(
      run({ ...nothing, latency }),
      failureOf('ValidationFailed', /cannot measure latency: there are no requests/),
    );
  });

  it('validate: smoke requests fail -> ValidationFailed with each of them', async () => {
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 1 });
    await assert.rejects(
      run({ ...nothing, smoke: { requests: [request, request] } }),
      failureOf('ValidationFailed', /^b: smoke request 1 failed with status 5\d\d; smoke request 2 failed/),
    );
  });

  describe('load', () => {
    const load = { requestsPerSecond: 50, seconds: 1, maximumErrorPercent: 10 };

    it('validate: load -> constant rate, latency and errors in the report', async () => {
      const began = performance.now();
      const report = await run({ ...golden({ digit: 7 }), load });
      assert.ok(performance.now() - began >= 950);
      assert.match(report.message, /, 50 requests at 50\/s: 0 errors \(0 %\), p50 \d.* ms, p99 \d.* ms$/);
    });

    it('validate: load with slow responses -> rate unchanged', async () => {
      // In sequence, these requests would take 100 seconds.
      testEnv.emulator.faults.add({ operation: 'InvokeEndpoint', kind: 'slow', seconds: 2, count: 50 });
      const began = performance.now();
      await run({ ...nothing, smoke: { requests: [] }, golden: golden({ digit: 7 }).golden, load });
      assert.ok(performance.now() - began < 50_000);
    });

    it('validate: too many errors under load -> ValidationFailed', async () => {
      await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 0.5 });
      await assert.rejects(
        run({ ...golden({ digit: 7 }, 0), load }),
        failureOf('ValidationFailed', /50 requests at 50\/s: \d+ errors .*; the maximum is 10 % errors/),
      );
    });

    it('validate: access denied under load -> ends immediately', async () => {
      testEnv.emulator.faults.add({ operation: 'InvokeEndpoint', kind: 'accessDenied', nth: 3 });
      const began = performance.now();
      const long = { ...load, seconds: 600 };
      await assert.rejects(run({ ...golden({ digit: 7 }), load: long }), failureOf('AccessDenied'));
      assert.ok(performance.now() - began < 300_000);
    });

    it('judgeLoad: errors at and over the maximum -> pass and problem', () => {
      const samples = Array.from({ length: 20 }, (_, i) => ({ failed: i < 2, ms: i + 1 }));
      assert.deepEqual(judgeLoad(load, samples), {
        problems: [],
        message: '20 requests at 50/s: 2 errors (10 %), p50 10.0 ms, p99 20.0 ms',
      });
      assert.equal(judgeLoad(load, samples.slice(0, 19)).problems.length, 1);
    });

    it('validate: load without requests -> ValidationFailed', async () => {
      await assert.rejects(
        run({ ...nothing, load }),
        failureOf('ValidationFailed', /cannot apply load: there are no requests/),
      );
    });
  });
});
