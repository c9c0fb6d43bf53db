/** Bad input that the random tests have found. */
import assert from 'node:assert/strict';
import { createCompileRollout } from '../../../src/activities/planning/compile-spec.js';
import { parseAnySpec } from '../../../src/plan/spec/any-spec.js';
import { SpecError, type Problem } from '../../../src/plan/spec/spec-error.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { endpointPattern } from '../../../src/switch/assignment/endpoint-names.js';
import { sanitizeCommand } from '../../../src/workflows/commands/sanitize.js';
import { identity, smallest } from '../../plan/specs.js';
import { Stopwatch } from './cpu.js';

const valid = JSON.stringify(smallest);
const watch = new Stopwatch();

function firstProblem(text: string): Problem | undefined {
  let found: Problem | undefined;
  assert.throws(
    () => watch.time(text.slice(0, 40), () => parseAnySpec(text, 'found.yaml')),
    (error) => {
      assert.ok(error instanceof SpecError, String(error));
      assert.ok(error.message.length < 100_000);
      [found] = error.problems;
      return true;
    },
  );
  return found;
}

const many = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('regressions of bad input', () => {
  for (const strategy of [
    { canray: { steps: ['1%'] } },
    [{ canray: {} }],
    ['shadow', { 'linear-': { by: '1%' } }],
  ])
    it(`spec with misspelt strategy ${JSON.stringify(strategy)}: validated -> SpecError, no crash`, async () => {
      assert.throws(() => validateSpec({ ...smallest, strategy }), {
        name: 'SpecError',
        message: /There is no field/,
      });
      const started = createCompileRollout()({ spec: { ...smallest, strategy }, ...identity });
      await assert.rejects(started, { type: 'InvalidSpec', nonRetryable: true });
    });

  it('spec with 50,000 anchored keys: parsed -> rejected quickly, with a short message', () => {
    firstProblem(many(50_000, (i) => `k${i}: &a${i} 1`));
  });

  it('spec with 30,000 misspelt keys: parsed -> rejected quickly', () => {
    firstProblem(`${many(30_000, (i) => `k${i}: 1`)}\n`);
  });

  it('spec with a time zone of 900,000 letters: parsed -> rejected quickly, with its path', () => {
    const freeze = [{ weekly: 'Sat', zone: 'x'.repeat(900_000) }];
    assert.equal(firstProblem(JSON.stringify({ ...smallest, freeze }))?.path, 'freeze[0].zone');
  });

  for (const depth of [101, 150, 400, 600, 800, 900, 5_000, 90_000])
    it(`spec with lists nested ${depth} deep: parsed -> rejected without a stack overflow`, () => {
      assert.match(
        firstProblem(`x: ${'['.repeat(depth)}${']'.repeat(depth)}`)?.message ?? '',
        /nested too deeply/,
      );
      assert.match(firstProblem(`${'- '.repeat(depth)}x`)?.message ?? '', /nested too deeply/);
    });

  it('spec with aliases that build a deep value: parsed -> rejected as nested too deeply', () => {
    const tower = `a0: &a0 {}\n${many(200, (i) => `a${i + 1}: &a${i + 1} {x: *a${i}}`)}`;
    assert.match(firstProblem(tower)?.message ?? '', /nested too deeply/);
  });

  for (const text of ['', '# nothing\n', '---\n'])
    it(`empty spec ${JSON.stringify(text)}: parsed -> problem is on line 1`, () =>
      assert.equal(firstProblem(text)?.line, 1));

  it('spec with an undefined alias: parsed -> problem names the alias and its line', () => {
    const problem = firstProblem('apiVersion: penstock/v1\nx: *missing\n');
    assert.deepEqual([problem?.line, problem?.message], [2, '*missing does not refer to an anchor.']);
  });

  it('spec with a dimension named __proto__: parsed -> rejected, not silently dropped', () => {
    const text = valid.replace(
      '"standard"',
      '"standard", "guardrails": [{ "metric": "x", "below": 1, "source": { "namespace": "a", "name": "b", "dimensions": { "__proto__": "x" } } }]',
    );
    assert.equal(firstProblem(text)?.path, 'guardrails[0].source.dimensions.__proto__');
  });

  it('spec with terminal control codes in a key: parsed -> message shows them escaped', () => {
    assert.throws(
      () => parseAnySpec('"\\e[2J\\u202E": 1', 'found.yaml'),
      (error: Error) => {
        assert.match(error.message, /\\u001b\[2J\\u202e/);
        assert.doesNotMatch(error.message, /\u001b|\u202e/);
        return true;
      },
    );
  });

  it('YAML 1.1 (in which `on` is true): parsed -> rejected', () => {
    assert.equal(firstProblem(`%YAML 1.1\n---\n${valid}`)?.found, '%YAML 1.1');
  });

  it('endpoint name with hyphens: more than 63 characters -> rejected', () => {
    assert.equal(endpointPattern.test(`${'a-'.repeat(40)}a`), false);
    assert.equal(endpointPattern.test('a'.repeat(63)), true);
  });

  it('command with an actor that cannot be converted to a string: sanitized -> actor is dropped', () => {
    assert.deepEqual(sanitizeCommand({ actor: { toString: 1 }, reason: 'why' }), { reason: 'why' });
  });
});
