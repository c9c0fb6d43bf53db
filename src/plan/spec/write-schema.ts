/** Writes the published JSON Schemas beside the one named: `node dist/plan/spec/write-schema.js schema/rollout.schema.json`. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jsonSchemaText, schemaFiles } from './json-schema.js';

const [, , named] = process.argv;
if (named === undefined) throw new Error('usage: write-schema FILE');
for (const file of schemaFiles) writeFileSync(join(dirname(named), file), jsonSchemaText(file));
