import assert from 'node:assert/strict';
import { variantNames } from '../../../../src/plan/spec/fields/variant-names.js';
import { outputOf, problemsIn } from '../spec-problems.js';

const invalid: [name: string, given: unknown, path: string, allowed: RegExp][] = [
  ['unknown word', 'always', '', /stable, perRollout, or alternate with two names/],
  ['one name', { alternate: ['blue'] }, 'alternate', /two different variant names/],
  ['three names', { alternate: ['a', 'b', 'c'] }, 'alternate', /two different variant names/],
  ['equal names', { alternate: ['blue', 'blue'] }, 'alternate[1]', /two different variant names/],
  ['names that differ in case only', { alternate: ['blue', 'Blue'] }, 'alternate[1]', /two different/],
  ['underscore', { alternate: ['blue', 'deep_blue'] }, 'alternate[1]', /letters, digits and inner hyphens/],
  ['hyphen at the end', { alternate: ['blue-', 'green'] }, 'alternate[0]', /inner hyphens/],
  ['long name', { alternate: ['blue', 'g'.repeat(64)] }, 'alternate[1]', /1 to 63/],
  ['misspelt field', { alternates: ['blue', 'green'] }, 'alternates', /alternate/],
];

describe('serve.variantNames', () => {
  it('variantNames: perRollout, stable, alternate -> accepted', () => {
    for (const kind of ['perRollout', 'stable']) assert.deepEqual(outputOf(variantNames, kind), { kind });
    const alternate = ['g'.repeat(63), 'Blue-2'];
    assert.deepEqual(outputOf(variantNames, { alternate }), { kind: 'alternate', names: alternate });
  });

  for (const [name, given, path, allowed] of invalid)
    it(`variantNames: ${name} -> rejected with its place`, () => {
      const found = problemsIn(variantNames, given).find((problem) => problem.path === path);
      assert.match(found?.allowed ?? '', allowed);
    });
});
