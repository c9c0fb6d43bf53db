/** Scalars of fault files and scenario files. The messages say what is allowed. */
import { z } from 'zod';
import { isInstant } from '../account/instants.js';

export const nonEmpty = (what: string) => z.string(what).min(1, what);

export const instant = z
  .string('a time after the start such as 2h30m, or an ISO 8601 time')
  .refine(isInstant, {
    message: 'is not a time',
    params: { allowed: 'a time after the start such as 2h30m, or an ISO 8601 time' },
  });

export const span = { from: instant.exactOptional(), to: instant.exactOptional() };

/** A fraction from 0 to 1, also as a percentage. */
export const share = z.union(
  [
    z.number().min(0, 'from 0 to 1').max(1, 'from 0 to 1'),
    z
      .string()
      .regex(/^(100|\d{1,2})(\.\d+)?%$/, 'a percentage from 0% to 100%')
      .transform((text) => Math.min(1, Number.parseFloat(text) / 100)),
  ],
  'a fraction from 0 to 1, or a percentage such as 0.5%',
);

export const positive = (what: string) => z.number(what).positive(what);
export const countField = (what: string) => z.int(what).min(1, what);
