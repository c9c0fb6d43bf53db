/**
 * The scalar fields of a spec. The message of a schema lists the allowed values. problems.ts adds the rest of the
 * message.
 */
import { z } from 'zod';
import { durationPattern, latencyPattern, parseDuration, parseLatency } from '../../units/durations.js';
import { parseRate, parseShare, ratePattern, sharePattern } from '../../units/percents.js';

export function text(allowed: string, pattern: RegExp) {
  return z.string(allowed).regex(pattern, allowed);
}

const maxDurationSeconds = 365 * 86_400;

/** Seconds. */
export const duration = text('a duration such as 30s, 15m, 7d, 1h30m', durationPattern)
  .transform(parseDuration)
  .refine((seconds) => seconds <= maxDurationSeconds, 'a duration of at most 365d');

/** Milliseconds. */
export const latency = text('a latency such as 250ms, 2s', latencyPattern).transform(parseLatency);

/** Percent. */
export const share = text(
  'a share such as 1%, 0.1% (0.1% to 100%, one decimal at most)',
  sharePattern,
).transform(parseShare);

/** Percent. */
export const rate = text('a rate such as 1%, 0.05% (above 0%, at most 100%)', ratePattern).transform(
  parseRate,
);

/** Variance of counts divided by the variance of independent events. */
export const dispersion = z.number('a number of 1 or more').min(1, 'a number of 1 or more');

/** Gigabytes. */
export const volume = text('a size such as 50GB', /^[1-9]\d{0,4}GB$/).transform((size) =>
  Number.parseInt(size, 10),
);

export function countSchema(max: number) {
  const allowed = `a whole number from 1 to ${max.toLocaleString('en')}`;
  return z.int(allowed).min(1, allowed).max(max, allowed);
}

/** SageMaker's name pattern for endpoints, configs, variants, jobs and models. */
export const sagemakerName = text(
  'a name of 1 to 63 letters, digits and inner hyphens',
  /^(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*$/,
);

export const roleArn = text(
  'a role ARN such as arn:aws:iam::123456789012:role/sagemaker',
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
);

export const s3Uri = text(
  'an S3 URI such as s3://bucket/prefix',
  /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/\S*)?$/,
);

export const imageUri = text('an image URI', /^\S{1,255}$/);

export const instanceType = text('an instance type such as ml.m5.large', /^ml\.[a-z0-9-]+\.[a-z0-9]+$/);

/** Adds a problem at `path` below the checked value. */
export function addIssue(
  ctx: z.RefinementCtx,
  path: (string | number)[],
  message: string,
  allowed: string,
): void {
  ctx.addIssue({ code: 'custom', path, message, params: { allowed } });
}

/** For rules over several fields: an invalid field is not converted, so the rule must not read it. */
export const ifValid: z.core.$ZodSuperRefineParams = { when: ({ issues }) => issues.length === 0 };

type Refinement = Parameters<z.ZodType<object>['superRefine']>;

/**
 * Rejects a value unless it has exactly one of the keys. The check also runs if the value of a key is invalid. It
 * does not run if a key is misspelt, because that key is probably the intended one.
 */
export function exactlyOneOf(keys: readonly string[]): Refinement {
  const checkKeys: Refinement[0] = (value, ctx) => {
    const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
    if (given.length === 1) return;
    const found = given.length === 0 ? 'got none' : `got ${given.join(' and ')}`;
    addIssue(ctx, [], `expected exactly one of ${keys.join(', ')}; ${found}`, `one of ${keys.join(', ')}`);
  };
  return [
    checkKeys,
    {
      when: ({ value, issues }) =>
        typeof value === 'object' &&
        value !== null &&
        !issues.some((issue) => issue.code === 'unrecognized_keys' && !issue.path?.length),
    },
  ];
}

/** The same rule for the published JSON Schema. */
export function oneRequiredOf(keys: readonly string[]): { oneOf: { required: string[] }[] } {
  return { oneOf: keys.map((key) => ({ required: [key] })) };
}
