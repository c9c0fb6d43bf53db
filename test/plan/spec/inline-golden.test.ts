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
  it('puts the records of the file into the spec and keeps what must match', () => {
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

  it('leaves a spec without a golden file as it is', () => {
    const never = () => assert.fail('nothing is to be read');
    assert.equal(inlineGolden(smallest, never), smallest);
  });

  it('names the line of every record that cannot be used', () => {
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

  it('takes 500 records and no more', () => {
    assert.doesNotThrow(() => inlineText(`${record}\n`.repeat(500)));
    assert.throws(() => inlineText(`${record}\n`.repeat(501)), /found: +501 records/);
  });

  it('refuses an empty file, a file over 500 kB and one that cannot be read', () => {
    assert.throws(() => inlineText('\n'), /0 records/);
    assert.throws(() => inlineText(`{"body": "${'x'.repeat(500_000)}", "expect": 1}`), /at most 500 kB/);
    const missing = () => {
      throw new Error('ENOENT: no such file');
    };
    assert.throws(() => inlineGolden(json, missing), /golden\.jsonl cannot be read[^]*ENOENT/);
  });

  it('is needed before a plan is compiled', () => {
    assert.throws(() => compilePlan(validateSpec(json), identity), /penstock start` and RolloutClient/);
  });
});
