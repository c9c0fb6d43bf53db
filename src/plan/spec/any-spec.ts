/** A file may hold the spec of a rollout or of waves; `waves` says which. */
import { z } from 'zod';
import { parseAs, parseSpec } from '../parse-spec.js';
import { wavesSchema } from '../waves-schema.js';

/** The file's content, checked, as JSON. Throws SpecError as parseSpec does. */
export function parseAnySpec(text: string, file: string): { kind: 'rollout' | 'waves'; json: object } {
  const { json } = parseAs(z.unknown(), text, file);
  const kind = typeof json === 'object' && json !== null && 'waves' in json ? 'waves' : 'rollout';
  const checked = kind === 'waves' ? parseAs(wavesSchema, text, file) : parseSpec(text, file);
  return { kind, json: checked.json as object };
}
