/** Copies golden records from their file into the spec, because workers have no access to the file. */
import { SpecError, type Problem } from './spec-error.js';
import { check } from './problems.js';
import { comparedRecord, judgedRecord } from './fields/golden.js';
import { validateSpec } from './validate-spec.js';
import { validateWaves } from '../waves/validate-waves.js';
import { rolloutSpecOf } from '../waves/waves.js';

type RecordSchema = typeof comparedRecord;

const maxGoldenBytes = 500_000;
const maxRecords = 500;

/**
 * Returns the spec with the records of its golden file: one JSON record a line, empty lines ignored. A spec without a
 * golden file is returned unchanged. Throws SpecError for an invalid spec, file or line.
 */
export function inlineGolden(json: unknown, readFile: (name: string) => string): unknown {
  const golden = validateSpec(json).validate?.golden;
  if (golden?.kind !== 'file') return json;
  const schema = golden.judge === null ? comparedRecord : judgedRecord;
  const records = parseRecords(read(golden.file, readFile), golden.file, schema);
  const spec = json as { validate: { golden: string | { file: string } } };
  const given = typeof spec.validate.golden === 'string' ? {} : spec.validate.golden;
  const settings = Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'file'));
  const inlined = { ...settings, records, atLeast: `${golden.atLeast}%` };
  return { ...spec, validate: { ...spec.validate, golden: inlined } };
}

/** Same as inlineGolden, for a spec of waves. All endpoints share the records. */
export function inlineWavesGolden(json: object, readFile: (name: string) => string): object {
  const [first = ''] = validateWaves(json).waves.flatMap(({ endpoints }) => endpoints);
  const { validate } = inlineGolden(rolloutSpecOf(json, first), readFile) as { validate?: unknown };
  return validate === undefined ? json : { ...json, validate };
}

function read(file: string, readFile: (name: string) => string): string {
  try {
    return readFile(file);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new SpecError([
      problemIn(null, null, found, 'a file that can be read', `Cannot read the golden file ${file}.`),
    ]);
  }
}

/** Returns records as written, without defaults, because they become part of the workflow's input. */
function parseRecords(text: string, file: string, schema: RecordSchema): unknown[] {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxGoldenBytes)
    throw new SpecError([
      problemIn(file, null, `${bytes} bytes`, 'at most 500 kB', 'The golden file is too large for a spec.'),
    ]);
  const lines = text
    .split('\n')
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== '');
  if (lines.length === 0 || lines.length > maxRecords)
    throw new SpecError([
      problemIn(
        file,
        null,
        `${lines.length} records`,
        `1 to ${maxRecords} records`,
        'The golden file has no records, or too many.',
      ),
    ]);
  const parsed = lines.map(({ line, number }) => parseRecord(line, number, file, schema));
  const problems = parsed.flatMap((result) => ('problems' in result ? result.problems : []));
  if (problems.length > 0) throw new SpecError(problems);
  return parsed.flatMap((result) => ('record' in result ? [result.record] : []));
}

function parseRecord(
  line: string,
  number: number,
  file: string,
  schema: RecordSchema,
): { record: unknown } | { problems: Problem[] } {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (error) {
    const message = 'The line is not valid JSON.';
    return {
      problems: [problemIn(file, number, (error as SyntaxError).message, 'one JSON record a line', message)],
    };
  }
  const result = check(schema, record, file, () => ({ line: number, column: 1 }));
  return 'problems' in result ? result : { record };
}

function problemIn(
  file: string | null,
  line: number | null,
  found: string,
  allowed: string,
  message: string,
): Problem {
  const path = file === null ? 'validate.golden' : '';
  return { file, line, column: line === null ? null : 1, path, found, allowed, message };
}
