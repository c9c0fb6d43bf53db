/** Compares an answer with the `expect` of a golden record. Pure. Differences are clauses for people. */
import type { Tolerance } from '../../plan/compiled/validation-plan.js';
import { truncateText } from '../../plan/units/shorten.js';
import type { ModelAnswer } from './invoke-variant.js';

/** Null: the answer is as expected. */
export function findDifference(expected: unknown, answer: ModelAnswer, tolerance: Tolerance): string | null {
  const { text } = answer;
  if (text === null) return 'the answer is not text in UTF-8';
  if (typeof expected === 'string') return differenceOfTexts(expected, { ...answer, text }, tolerance);
  const json = parse(text);
  return json === null ? 'the answer is not JSON' : differenceOfValues(expected, json.value, tolerance, '');
}

/** A container of CSV often names another type, so a text that is the same counts under every type. */
function differenceOfTexts(
  expected: string,
  { contentType, text }: ModelAnswer & { text: string },
  tolerance: Tolerance,
): string | null {
  if (text.trim() === expected.trim()) return null;
  // Parameters follow the type: text/csv; charset=utf-8.
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  if (type.trim() === 'text/csv') return differenceOfTables(expected, text, tolerance);
  const json = parse(text);
  return json !== null && json.value === expected ? null : differs('', text.trim(), expected);
}

/** A field after a comma or at the start of a line: https://www.rfc-editor.org/rfc/rfc4180 */
const csvField = /[,\n](?:"((?:[^"]|"")*)"|([^",\n]*))/g;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function differenceOfTables(expected: string, actual: string, tolerance: Tolerance): string | null {
  const [wanted, found] = [fieldsOf(expected), fieldsOf(actual)];
  if (wanted === null || found === null) return differs('', actual.trim(), expected);
  if (found.length !== wanted.length) return differs('the number of rows', found.length, wanted.length);
  for (const [row, fields] of wanted.entries()) {
    const values = found[row] ?? [];
    const place = `row ${row + 1}`;
    if (values.length !== fields.length)
      return differs(`the number of columns in ${place}`, values.length, fields.length);
    for (const [column, field] of fields.entries()) {
      const value = values[column] ?? '';
      if (!isSameField(field, value, tolerance))
        return differs(`${place}, column ${column + 1}`, value, field);
    }
  }
  return null;
}

function isSameField(expected: string, actual: string, tolerance: Tolerance): boolean {
  if (expected === actual) return true;
  const isNumeric = [expected, actual].every((field) => decimal.test(field));
  return isNumeric && isNear(Number(expected), Number(actual), tolerance);
}

/** Rows of fields without the spaces around them. Null: the text is not CSV. */
function fieldsOf(csv: string): string[][] | null {
  const text = `\n${csv.replaceAll('\r\n', '\n').trim()}`;
  const rows: string[][] = [];
  let read = 0;
  for (const match of text.matchAll(csvField)) {
    if (match.index !== read) return null;
    read += match[0].length;
    if (match[0].startsWith('\n')) rows.push([]);
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').trim());
  }
  return read === text.length ? rows : null;
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** Objects match if every expected key matches, arrays if length and every element match, other values if equal. */
function differenceOfValues(
  expected: unknown,
  actual: unknown,
  tolerance: Tolerance,
  path: string,
): string | null {
  if (typeof expected === 'number' && typeof actual === 'number')
    return isNear(expected, actual, tolerance) ? null : differs(path, actual, expected);
  if (typeof expected !== 'object' || expected === null)
    return expected === actual ? null : differs(path, actual, expected);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected))
    return differs(path, actual, expected);
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length)
    return differs(`the length of ${path || 'the answer'}`, (actual as unknown[]).length, expected.length);
  for (const [key, value] of Object.entries(expected)) {
    const place = Array.isArray(expected) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    if (!Object.hasOwn(actual, key)) return `${place} is missing`;
    const found = differenceOfValues(value, (actual as Record<string, unknown>)[key], tolerance, place);
    if (found !== null) return found;
  }
  return null;
}

function isNear(a: number, b: number, { relativePercent, absolute }: Tolerance): boolean {
  if (a === b) return true;
  const limit = Math.max(absolute, (relativePercent / 100) * Math.max(Math.abs(a), Math.abs(b)));
  // A number beyond the range of doubles is read as infinite.
  return Number.isFinite(limit) && Math.abs(a - b) <= limit;
}

const maxShownLength = 60;

function differs(place: string, found: unknown, expected: unknown): string {
  return `${truncateText(place || 'the answer')} is ${show(found)}, expected ${show(expected)}`;
}

function show(value: unknown): string {
  return truncateText(JSON.stringify(value) ?? 'undefined', maxShownLength);
}
