import { inlineGolden } from '../spec/inline-golden.js';
import { validateWaves } from './validate-waves.js';
import { rolloutSpecOf } from './waves.js';

/** As inlineGolden, for a spec of waves: the records are the same for every endpoint. */
export function inlineWavesGolden(json: object, readFile: (name: string) => string): object {
  const [first = ''] = validateWaves(json).waves.flatMap(({ endpoints }) => endpoints);
  const { validate } = inlineGolden(rolloutSpecOf(json, first), readFile) as { validate?: unknown };
  return validate === undefined ? json : { ...json, validate };
}
