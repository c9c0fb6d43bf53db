/** Converts the issues of the schema library to problems that people can act on. */
import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { formatPath, maxProblems, type Problem } from './spec-error.js';
import { findInvalidJson } from './document/json-limits.js';
import { truncateText } from '../units/shorten.js';
import { isInEnvironment } from '../compiled/aws-members.js';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Position of a problem: `key` is the name of a field, `value` its content. */
export type Locate = (path: Path, at: 'key' | 'value') => { line: number; column: number } | null;

/** Validates `json`. Returns the value, or its problems, at most 100. */
export function check<T>(
  schema: z.ZodType<T>,
  json: unknown,
  file: string | null,
  locate: Locate,
): { value: T } | { problems: Problem[] } {
  const invalid = findInvalidJson(json);
  const result = invalid ? null : schema.safeParse(json, { error: allowedOf });
  if (result?.success) return { value: result.data };
  const drafts: Draft[] = invalid ? [{ ...invalid, at: 'key' }] : [];
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
  // Two rules of one field can report the same problem.
  const keys = problems.map(({ path, message }) => `${path}\n${message}`);
  return { problems: problems.filter((_, i) => keys.indexOf(keys[i] ?? '') === i) };
}

/** Some messages quote the value that was found. */
const maxMessageLength = 400;

type Draft = Pick<Problem, 'found' | 'allowed' | 'message'> & { segments: Path; at: 'key' | 'value' };

function problemsOf(issue: Issue, json: unknown): Draft[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => misspelt(key, issue));
  const segments = issue.path;
  const value = valueAt(json, segments);
  const found = mayBeSecret(segments, value) ? hidden : show(value);
  if (issue.code === 'custom' && issue.params) {
    const { allowed } = issue.params as { allowed: string };
    return [{ segments, at: 'value', found, allowed, message: `${issue.message}.` }];
  }
  if (issue.code === 'invalid_key') {
    const allowed = issue.issues[0]?.message ?? issue.message;
    const found = show(segments.at(-1));
    return [{ segments, at: 'key', found, allowed, message: `${found} is not a valid name here.` }];
  }
  const name = formatPath(segments) || 'the spec';
  const message =
    found === null ? `${name} is missing.` : `${name} cannot be ${found}${meantBy(value, issue)}`;
  return [{ segments, at: 'value', found, allowed: issue.message, message }];
}

/** The end of a message: the fixed value that is spelt nearly like the one found, if there is one. */
function meantBy(value: unknown, issue: Issue): string {
  const values = fixedValuesOf(issue);
  if (typeof value !== 'string' || value.length > maxSuggestedLength || values.length === 0) return '.';
  const nearest = closest(value, values);
  const edits = distance(value.toLowerCase(), nearest.toLowerCase());
  // A short text is close to any other one.
  const near = edits <= Math.max(2, value.length / 3) && 2 * edits <= value.length;
  return near ? `; did you mean ${nearest}?` : '.';
}

const maxSuggestedLength = 80;

/** The texts that the value itself can be, over all branches of a union. */
function fixedValuesOf(issue: Issue): string[] {
  if (issue.code === 'invalid_union')
    return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? fixedValuesOf(inner) : []));
  if (issue.code !== 'invalid_value') return [];
  return issue.values.flatMap((each) => (typeof each === 'string' ? [each] : []));
}

const hidden = 'a value that is not shown because it may be a secret';

/** People may write a secret into a field for the name of a variable, into a URL, or into a container's environment. */
function mayBeSecret(path: Path, value: unknown): boolean {
  if (isInEnvironment(path)) return value !== undefined && typeof value !== 'object';
  return typeof value === 'string' && ['url', 'urlEnv', 'secretEnv'].includes(String(path.at(-1)));
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
 * The branches of every union differ in type (text, number, object). The intended branch accepted the value's type
 * and rejected a part of it. If there is no such branch, the union's own message lists all branches.
 */
function narrowUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const intended = issue.errors
    .map((branch) => branch.flatMap(narrowUnion))
    .find((branch) => !branch.some((inner) => inner.path.length === 0 && wrongTypes.has(inner.code)));
  return intended ? intended.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}
const wrongTypes = new Set<string | undefined>([
  'invalid_type',
  'invalid_value',
  'invalid_format',
  'invalid_union',
]);

/** The allowed values, for schemas without their own message. */
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
    // Every schema of these kinds has its own message.
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
  if (!(schema instanceof z.ZodObject)) return [];
  // Fields that are there only to say what to use instead.
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
    field.meta()?.['not'] === undefined ? [key] : [],
  );
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

/** A short text for a value. Null if the value is missing. */
function show(value: unknown): string | null {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return truncateText(objectOf(Object.keys(value)));
  return JSON.stringify(typeof value === 'string' ? truncateText(value) : value);
}
