/** `tags`: of all that a rollout makes. */
import { z } from 'zod';
import { isReservedTag, maxTags } from '../../compiled/tags.js';
import { text } from './scalars.js';

const allowedKey =
  'a key of 1 to 128 letters, digits, spaces and _ . : / = + - @, which does not begin with aws: or penstock:';

/** Source: SageMaker's shapes TagKey and TagValue. */
const key = text(allowedKey, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u).refine(
  (name) => !isReservedTag(name),
  allowedKey,
);

const value = text(
  'a value of at most 256 letters, digits, spaces and _ . : / = + - @',
  /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
);

const allowedCount = `at most ${maxTags} tags`;

export const tags = z
  .record(key, value)
  .refine((given) => Object.keys(given).length <= maxTags, allowedCount);
