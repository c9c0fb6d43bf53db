import { z } from 'zod';
import { specSchema } from './spec-schema.js';

/** The JSON Schema of a spec as people write it, for editors. Draft 7: what they all know. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(specSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
