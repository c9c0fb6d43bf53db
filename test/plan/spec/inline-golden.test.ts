import assert from 'node:assert/strict';
import { compilePlan } from '../../../src/plan/compile/compile-plan.js';
import { inlineGolden } from '../../../src/plan/spec/inline-golden.js';
import { parseSpec } from '../../../src/plan/spec/parse-spec.js';
import { SpecError } from '../../../src/plan/spec/spec-error.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { readFixture } from '../fixtures.js';
import { identity, smallest } from '../specs.js';

const json = { ...smallest, validate: { golden: 'golden.jsonl' } };
const record = '{"body": 1, "expect": 1}';

const inlineText = (text: string) => inlineGolden(json, () => text);

describe('inlineGolden', () => {
  it('inlineGolden: golden file -> its records in the spec, atLeast unchanged', () => {
    const parsed = parseSpec(readFixture('valid-golden-file.yaml'), 'spec.yaml').json;
    const plan = compilePlan(validateSpec(inlineGolden(parsed, readFixture)), identity);
    assert.deepEqual(plan.validation?.golden, {
      records: [
        { body: { x: 1 }, contentType: 'application/json', expect: { y: 1 } },
        { body: 'a,b', contentType: 'text/csv', expect: null },
      ],
      minimumMatchPercent: 97.5,
    });
  });

  it('inlineGolden: settings of the file -> kept; a judged record needs no expectation', () => {
    const judge = { urlEnv: 'JUDGE_URL', secretEnv: 'JUDGE_SECRET' };
    const judged = { ...smallest, validate: { golden: { file: 'golden.jsonl', judge, atLeast: '90%' } } };
    const plan = compilePlan(validateSpec(inlineGolden(judged, () => '{"body": 1}')), identity);
    assert.deepEqual(plan.validation?.golden, {
      records: [{ body: 1, contentType: 'application/json' }],
      minimumMatchPercent: 90,
      judge: { address: { env: 'JUDGE_URL' }, secretEnv: 'JUDGE_SECRET' },
    });
    assert.throws(() => inlineGolden(judged, () => '{"body": 1, "matches": "1"}'), /the judge decides/);
  });

  it('inlineGolden: tolerance of the file -> of each record that has none', () => {
    const golden = { file: 'golden.jsonl', tolerance: { relative: '0.1%' } };
    const lines = `${record}\n{"body": 1, "expect": 1, "tolerance": {"absolute": 2}}`;
    const spec = inlineGolden({ ...smallest, validate: { golden } }, () => lines);
    const plan = compilePlan(validateSpec(spec), identity);
    assert.deepEqual(
      plan.validation?.golden?.records.map(({ tolerance }) => tolerance),
      [
        { relativePercent: 0.1, absolute: 0 },
        { relativePercent: 0, absolute: 2 },
      ],
    );
  });

  it('inlineGolden: no golden file -> spec unchanged', () => {
    const never = () => assert.fail('no file must be read');
    assert.equal(inlineGolden(smallest, never), smallest);
  });

  it('inlineGolden: invalid records -> the line of every one', () => {
    assert.throws(
      () => inlineText(`${record}\nnot json\n\n{"body": 1}\n{"body": 1, "expect": 2, "name": 3}\n`),
      (error) => {
        assert.ok(error instanceof SpecError);
        assert.deepEqual(
          error.problems.map(({ file, line, path }) => [file, line, path]),
          [
            ['golden.jsonl', 2, ''],
            ['golden.jsonl', 4, 'expect'],
            ['golden.jsonl', 5, 'name'],
          ],
        );
        return true;
      },
    );
  });

  it('inlineGolden: 500 records -> accepted; 501 -> rejected', () => {
    assert.doesNotThrow(() => inlineText(`${record}\n`.repeat(500)));
    assert.throws(() => inlineText(`${record}\n`.repeat(501)), /found: +501 records/);
  });

  it('inlineGolden: empty file, file over 500 kB, unreadable file -> rejected', () => {
    assert.throws(() => inlineText('\n'), /0 records/);
    assert.throws(() => inlineText(`{"body": "${'x'.repeat(500_000)}", "expect": 1}`), /at most 500 kB/);
    const missing = () => {
      throw new Error('ENOENT: no such file');
    };
    assert.throws(() => inlineGolden(json, missing), /Cannot read the golden file golden\.jsonl[^]*ENOENT/);
  });

  it('compilePlan: golden file not inlined -> SpecError', () => {
    assert.throws(() => compilePlan(validateSpec(json), identity), /penstock start` or RolloutClient/);
  });
});
