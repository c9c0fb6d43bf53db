/** From what the schema library reports to problems that people can act on. */
import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { formatPath, maxProblems, type Problem } from './spec-error.js';
import { findInvalidJson } from './document/json-limits.js';
import { truncateText } from '../units/shorten.js';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Where a problem is: `key` points at the name of a field, `value` at what it holds. */
export type Locate = (path: Path, at: 'key' | 'value') => { line: number; column: number } | null;

/** Validates `json` and returns either the value or every problem in it, up to a hundred. */
export function check<T>(
  schema: z.ZodType<T>,
  json: unknown,
  file: string | null,
  locate: Locate,
): { value: T } | { problems: Problem[] } {
  const unusable = findInvalidJson(json);
  const result = unusable ? null : schema.safeParse(json, { error: allowedOf });
  if (result?.success) return { value: result.data };
  const drafts: Draft[] = unusable ? [{ ...unusable, at: 'key' }] : [];
  for (const issue of result?.error.issues ?? []) {
    if (drafts.length >= maxProblems) break;
    drafts.push(...narrowUnion(issue).flatMap((narrowed) => problemsOf(narrowed, json)));
  }
  const problems = drafts.slice(0, maxProblems).map(({ at, segments, ...problem }) => ({
    file,
    ...(locate(segments, at) ?? { line: null, column: null }),
    path: formatPath(segments.map((key) => (typeof key === 'string' ? truncateText(key) : key))),
    ...problem,
    message: truncateText(problem.message, maxMessageLength),
  }));
  // Two rules of one field may say the same.
  const said = problems.map(({ path, message }) => `${path}\n${message}`);
  return { problems: problems.filter((_, i) => said.indexOf(said[i] ?? '') === i) };
}

/** Some quote what was found. */
const maxMessageLength = 400;

type Draft = Pick<Problem, 'found' | 'allowed' | 'message'> & { segments: Path; at: 'key' | 'value' };

function problemsOf(issue: Issue, json: unknown): Draft[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => misspelt(key, issue));
  const segments = issue.path;
  const value = valueAt(json, segments);
  const found = mayBeSecret(segments.at(-1), value) ? hidden : show(value);
  if (issue.code === 'custom' && issue.params) {
    const { allowed } = issue.params as { allowed: string };
    return [{ segments, at: 'value', found, allowed, message: `${issue.message}.` }];
  }
  if (issue.code === 'invalid_key') {
    const allowed = issue.issues[0]?.message ?? issue.message;
    const found = show(segments.at(-1));
    return [{ segments, at: 'key', found, allowed, message: `${found} is not a name that can stand here.` }];
  }
  const name = formatPath(segments) || 'the spec';
  const message = found === null ? `${name} is missing.` : `${name} cannot be ${found}.`;
  return [{ segments, at: 'value', found, allowed: issue.message, message }];
}

const hidden = 'a text that is not shown, for it may be a secret';

/** Where only the name of a variable belongs, or a URL without a password, people put the secret itself. */
function mayBeSecret(field: PropertyKey | undefined, value: unknown): boolean {
  return typeof value === 'string' && ['url', 'urlEnv', 'secretEnv'].includes(String(field));
}

/** `allowed` lists the keys of the object; see allowedOf. */
function misspelt(key: string, issue: Issue): Draft {
  const keys = issue.message.split(', ');
  const found = /^\S{1,80}$/.test(key) ? key : (show(key) ?? '');
  const nearest = closest(found, keys);
  const near = distance(found.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, found.length / 3);
  return {
    segments: [...issue.path, key],
    at: 'key',
    found,
    allowed: issue.message,
    message: near ? `There is no field ${found}; did you mean ${nearest}?` : `There is no field ${found}.`,
  };
}

/**
 * The alternatives of every union here differ in type (text, number, object), so the one meant is the one that took
 * the value's type and found fault further in. Where none did, the union's own message lists them all.
 */
function narrowUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors
    .map((branch) => branch.flatMap(narrowUnion))
    .find((branch) => !branch.some((inner) => inner.path.length === 0 && wrongTypes.has(inner.code)));
  return meant ? meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}
const wrongTypes = new Set<string | undefined>([
  'invalid_type',
  'invalid_value',
  'invalid_format',
  'invalid_union',
]);

/** What is allowed, where a schema does not say so itself. */
const allowedOf: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return keysOf(issue.inst).join(', ');
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_small':
      return `at least ${issue.minimum} ${issue.origin === 'array' ? 'entry' : 'characters'}`;
    case 'too_big':
      return `at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
    case 'invalid_type':
      return typeNames[issue.expected] ?? objectOf(keysOf(issue.inst));
    // Every schema of these kinds has a message of its own.
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
      return issue.code;
  }
};

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  record: 'an object',
  nonoptional: 'any value',
};

const objectOf = (keys: string[]) => (keys.length === 0 ? 'an object' : `an object with ${keys.join(', ')}`);

function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function valueAt(json: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    json,
  );
}

/** A value in few words; null where there is none. */
function show(value: unknown): string | null {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return truncateText(objectOf(Object.keys(value)));
  return JSON.stringify(typeof value === 'string' ? truncateText(value) : value);
}
