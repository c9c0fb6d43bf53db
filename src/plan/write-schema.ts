/** Writes the published JSON Schema: `node dist/plan/write-schema.js schema/rollout.schema.json`. */
import { writeFileSync } from 'node:fs';
import { jsonSchemaText } from './json-schema.js';

const [, , file] = process.argv;
if (file === undefined) throw new Error('usage: write-schema FILE');
writeFileSync(file, jsonSchemaText());
