import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAs } from '../../src/plan/spec/parse-spec.js';
import { SpecError } from '../../src/plan/spec/spec-error.js';
import { switchSchema, defaultConfig } from '../../src/switch/config-schema.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

function problemsOf(text: string): string {
  try {
    parseAs(switchSchema, text, 'switch.yaml');
  } catch (error) {
    if (error instanceof SpecError) return error.message;
    throw error;
  }
  return 'none';
}

describe('switch configuration', () => {
  it('switch.yaml: the example -> valid, and uses every field except three', () => {
    const { value, json } = parseAs(switchSchema, read('examples/switch/switch.yaml'), 'switch.yaml');
    assert.equal(value.records?.join.within, 7 * 86_400_000);
    const unused = Object.keys(switchSchema.shape).filter((name) => !(name in (json as object)));
    assert.deepEqual(unused, ['countryHeader', 'allowTargetVariant', 'follow']);
  });

  it('docs/switch.md: every field of the configuration -> described', () => {
    const text = read('docs/switch.md');
    const described = (name: string) => assert.ok(text.includes(`\`${name}`), `docs/switch.md lacks ${name}`);
    for (const name of Object.keys(switchSchema.shape)) described(name);
    for (const [name, value] of Object.entries(defaultConfig))
      if (typeof value === 'object' && !Array.isArray(value))
        for (const inner of Object.keys(value)) described(`${name}.${inner}`);
  });

  it('switch configuration: no file -> users by header and cookie, loopback, no records', () => {
    assert.deepEqual(defaultConfig.listen, { host: '127.0.0.1', port: 4700 });
    assert.deepEqual(defaultConfig.user, [{ header: 'x-penstock-user' }, { cookie: 'penstock-user' }]);
    assert.equal(defaultConfig.records, undefined);
    assert.equal(defaultConfig.follow.every, 1000);
  });

  const invalid: [problem: string, text: string, expected: RegExp][] = [
    [
      'a misspelt field',
      'retryOnBaselin: true',
      /switch\.yaml:1:1 retryOnBaselin\n.*did you mean retryOnBaseline\?/,
    ],
    [
      'an invalid duration',
      'follow:\n  every: soon',
      /switch\.yaml:2:10 follow\.every\n.*\n.*"soon"\n  allowed: a duration/,
    ],
    [
      'two sources in one user entry',
      'user:\n  - { header: a, cookie: b }',
      /user\[0\]\n  header and cookie exclude each other/,
    ],
    [
      'a user entry without a source',
      'user:\n  - {}',
      /user\[0\]\n.*\n.*\n  allowed: exactly one of header, cookie, field/,
    ],
    [
      'a cohort that matches nothing',
      'cohorts:\n  - { name: a, assign: out }',
      /exactly one of users, header, country/,
    ],
    [
      'an unknown arm',
      'cohorts:\n  - { name: a, users: [b], assign: c }',
      /allowed: baseline, candidate, out/,
    ],
    [
      'an invalid endpoint',
      'endpoints: [a b]',
      /endpoints\[0\].*\n.*\n.*"a b"\n  allowed: the name of an endpoint/,
    ],
    [
      'an invalid port',
      'listen: { port: 70000 }',
      /listen\.port\n.*\n.*70000\n  allowed: a port up to 65535/,
    ],
    ['an invalid size', 'limits: { body: 6 }', /limits\.body/],
    [
      'an invalid country',
      'cohorts:\n  - { name: a, country: [Germany], assign: out }',
      /two capital letters/,
    ],
  ];
  for (const [problem, text, expected] of invalid)
    it(`switch configuration: ${problem} -> error with its place, the value and the allowed values`, () => {
      assert.match(problemsOf(text), expected);
    });
});
