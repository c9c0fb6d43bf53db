/** A file contains the spec of a rollout, or of waves if it has the field `waves`. */
import { checkDocument } from './parse-spec.js';
import { readSpecDocument } from './document/read-document.js';
import { specSchema } from './spec-schema.js';
import { wavesSchema } from '../waves/waves-schema.js';

/** The validated content of the file as JSON. Throws SpecError as parseSpec does. */
export function parseAnySpec(text: string, file: string): { kind: 'rollout' | 'waves'; json: object } {
  const document = readSpecDocument(text, file);
  const { json } = document;
  const kind = typeof json === 'object' && json !== null && 'waves' in json ? 'waves' : 'rollout';
  if (kind === 'waves') checkDocument(wavesSchema, document, file);
  else checkDocument(specSchema, document, file);
  return { kind, json: json as object };
}
