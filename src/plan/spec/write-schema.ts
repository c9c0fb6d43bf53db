/**
 * Writes the published JSON Schemas to the folder of FILE: `node dist/plan/spec/write-schema.js
 * schema/rollout.schema.json`.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jsonSchemaText, schemaFiles } from './json-schema.js';

const [, , target] = process.argv;
if (target === undefined) throw new Error('usage: write-schema FILE');
for (const file of schemaFiles) writeFileSync(join(dirname(target), file), jsonSchemaText(file));
