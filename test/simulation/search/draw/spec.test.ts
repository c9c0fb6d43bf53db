/** Drawn specs have every field of the schema. */
import assert from 'node:assert/strict';
import { jsonSchemaText } from '../../../../src/plan/spec/json-schema.js';
import { Dice } from '../dice.js';
import { drawSpec } from './spec.js';

type Json = Record<string, unknown>;

const specs = 3_000;

/** Fields that no drawn spec has, each with the reason. */
const notDrawn: [RegExp, string][] = [
  [
    /^models\.(baseline\.(train|package|role|settings)|candidate\.(train|package|settings))/,
    'the account has models; training has tests of its own',
  ],
  [/^models\.baseline\.model/, 'the endpoint is live'],
  [/^models\.register/, 'only trained models can be registered'],
  [/^validate\.(smoke|golden|golden\.records)\.targetModel/, 'the account has no multi-model endpoint'],
  [/^validate\.golden\.file/, 'a client puts the records of the file into the spec'],
  [
    /^serve\.variant\.(VariantName|ModelName|Initial|Instance|ManagedInstanceScaling|Serverless|Accelerator)/,
    'the schema names what to use instead',
  ],
  [
    /^serve\.variant\.(VolumeSizeInGB|CapacityReservation|VariantInstanceProvision|RoutingConfig\.PrefixAware)/,
    'not every instance type or strategy can have it',
  ],
  [/^guardrails\.countedBy/, 'no switch runs in the simulated account'],
  [/^goals\.(source\.squares|cap)/, 'emulated users convert or do not'],
];

/** Paths of the fields, without the places in lists. Names in a map are `*`. */
function fieldsOf(schema: unknown, path: string[] = []): string[] {
  if (Array.isArray(schema)) return schema.flatMap((each) => fieldsOf(each, path));
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items, anyOf, oneOf, allOf, additionalProperties } = schema as Json;
  const own = Object.entries(properties as Json).flatMap(([name, field]) => [
    [...path, name].join('.'),
    ...fieldsOf(field, [...path, name]),
  ]);
  return [
    ...own,
    ...[items, anyOf, oneOf, allOf].flatMap((part) => fieldsOf(part, path)),
    ...fieldsOf(additionalProperties, [...path, '*']),
  ];
}

function pathsIn(value: unknown, path: string[] = []): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsIn(each, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => {
    const name = maps.includes(path.at(-1) ?? '') ? '*' : key;
    return [[...path, name].join('.'), ...pathsIn(field, [...path, name])];
  });
}

/** Fields whose keys the author chooses. */
const maps = ['dimensions', 'metrics'];

describe('drawn specs', () => {
  it('drawn specs: some thousand seeds -> every field of the schema, except the listed ones', () => {
    const drawn = new Set(
      Array.from({ length: specs }, (_, seed) => pathsIn(drawSpec(new Dice(seed)))).flat(),
    );
    const missing = [...new Set(fieldsOf(JSON.parse(jsonSchemaText())))].filter((field) => !drawn.has(field));
    const unexpected = missing.filter((field) => !notDrawn.some(([pattern]) => pattern.test(field)));
    assert.deepEqual(unexpected, []);
    for (const [pattern, reason] of notDrawn)
      assert.ok(
        missing.some((field) => pattern.test(field)),
        `drawn although ${reason}: ${String(pattern)}`,
      );
  });
});
