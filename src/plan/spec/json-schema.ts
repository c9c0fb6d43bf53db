import { z } from 'zod';
import { specSchema } from './spec-schema.js';
import { wavesSchema } from '../waves/waves-schema.js';

const schemas = { 'rollout.schema.json': specSchema, 'waves.schema.json': wavesSchema };

/** Files of the published JSON Schemas. */
export type SchemaFile = keyof typeof schemas;
export const schemaFiles = Object.keys(schemas) as SchemaFile[];

/** JSON Schema of a spec file, for editors. Draft 7, because all editors support it. */
export function jsonSchemaText(file: SchemaFile = 'rollout.schema.json'): string {
  const schema = z.toJSONSchema(schemas[file], { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
