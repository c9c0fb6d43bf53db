import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { jsonSchemaText } from '../../../src/plan/spec/json-schema.js';
import { exampleFiles, readExample } from '../examples.js';
import { readFixture, specFixtures } from '../fixtures.js';
import { smallest } from '../specs.js';

const published = readFileSync(new URL('../../../schema/rollout.schema.json', import.meta.url), 'utf8');

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  description?: string;
  additionalProperties?: unknown;
}

/** Every object schema below `node`, with its path. */
function objectsIn(node: unknown, path = ''): [string, SchemaNode][] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries(node).flatMap(([key, child]) => objectsIn(child, `${path}/${key}`));
  return 'type' in node && node.type === 'object' ? [[path, node as SchemaNode], ...below] : below;
}

describe('published JSON Schema', () => {
  const accepts = new Ajv({ strict: true, strictRequired: false, allErrors: true }).compile(
    JSON.parse(published) as object,
  );

  it('JSON Schema: published file -> up to date (npm run schema)', () =>
    assert.equal(published, jsonSchemaText()));

  for (const file of exampleFiles())
    it(`JSON Schema: examples/${file} -> accepted`, () => {
      assert.ok(accepts(parse(readExample(file))), JSON.stringify(accepts.errors));
    });

  for (const file of specFixtures('valid-'))
    it(`JSON Schema: ${file} -> accepted`, () => {
      assert.ok(accepts(parse(readFixture(file))), JSON.stringify(accepts.errors));
    });

  for (const file of ['invalid-many.yaml', 'invalid-units.json'])
    it(`JSON Schema: ${file} -> rejected`, () => assert.equal(accepts(parse(readFixture(file))), false));

  const invalid: [string, object][] = [
    ['a goal without a direction', { goals: [{ metric: 'conversion' }] }],
    ['a gate without before', { gates: [{ manual: true }] }],
    ['a misspelt field', { guardrail: [] }],
    ['two strategies', { strategy: { standard: {}, canary: { steps: ['1%'] } } }],
    ['a misspelt setting', { serve: { variant: { VolumeSize: 5 } } }],
    ['a setting that has a field', { serve: { variant: { InstanceType: 'ml.m5.large' } } }],
    ['a setting out of range', { serve: { variant: { VolumeSizeInGB: 5_000 } } }],
    ['a model without a source', { models: { baseline: 'live', candidate: {} } }],
  ];
  for (const [what, fields] of invalid)
    it(`JSON Schema: ${what} -> rejected`, () => {
      assert.equal(accepts(smallest), true);
      assert.equal(accepts({ ...smallest, ...fields }), false);
    });

  it('JSON Schema: every object -> all fields described, no additional fields', () => {
    for (const [path, node] of objectsIn(JSON.parse(published))) {
      assert.notEqual(node.additionalProperties, undefined, path);
      for (const [name, field] of Object.entries(node.properties ?? {}))
        assert.ok(field.description, `${path} ${name} has no description`);
    }
  });
});
