/** Reads the rows of a windows file and aligns them in time. */
import type { Role } from '../../plan/compiled/names.js';
import type { Columns } from './columns.js';
import type { DataRow } from './csv-rows.js';
import { dataError, dataPositionOf, Problems } from './data-error.js';
import type { CollectedRow } from './find-period.js';
import { placeWindows } from './place-windows.js';
import { readCell } from './read-cell.js';
import type { RecordedWindows } from './recorded-windows.js';

/** A year of one-minute windows of both models. */
const maxRows = 1_100_000;

export interface WindowsSource {
  file: string;
  rows: AsyncIterable<DataRow> | Iterable<DataRow>;
  /** Names of all columns. Complete after the rows are read. */
  names: Set<string>;
  /** The file's period for all rows. Null: the file has none. */
  periodSeconds: number | null;
}

/** Throws DataError with all problems and their positions. */
export async function collectWindows(source: WindowsSource, columns: Columns): Promise<RecordedWindows> {
  const { file } = source;
  const problems = new Problems();
  rejectClashes(columns, file);
  const collected: CollectedRow[] = [];
  for await (const row of source.rows) {
    if (collected.length >= maxRows) {
      const message = 'The file has too many rows.';
      throw dataError(dataPositionOf(file, row.at, ''), 'another row', `at most ${maxRows} rows`, message);
    }
    const read = readRow(row, source, columns, problems);
    if (read !== null) collected.push(read);
  }
  problems.throwIfAny();
  rejectMissing(columns, source);
  return placeWindows(collected, { file, columns, problems });
}

/** Null if the row has no valid start or role. The problem is already recorded. */
function readRow(
  row: DataRow,
  { file, periodSeconds }: WindowsSource,
  columns: Columns,
  problems: Problems,
): CollectedRow | null {
  const cells = readCell(row, file, problems);
  const startMs = cells.time('start');
  const role = cells.oneOf<Role>('role', ['baseline', 'candidate']);
  const read = {
    at: row.at,
    periodSeconds: cells.number('periodSeconds', { from: 1, to: 86_400, whole: true }) ?? periodSeconds,
    share: cells.number('share', { from: 0, to: 100 }),
    stage: cells.number('stage', { from: 0, to: 1000, whole: true }),
    values: [...columns.byName.values()].map(({ name, mayBeNegative }) =>
      cells.number(name, { from: mayBeNegative ? null : 0 }),
    ),
  };
  return startMs === null || role === null ? null : { ...read, startMs, role };
}

function rejectClashes({ clashes: [clash] }: Columns, file: string): void {
  if (clash === undefined) return;
  throw dataError(
    { file, line: null, path: clash.column },
    `dimensions that differ between ${clash.rules.join(' and ')}`,
    'one series for each namespace, name and statistic',
    'A column can have only one series of each model.',
  );
}

function rejectMissing({ byName }: Columns, { file, names }: WindowsSource): void {
  const problems = new Problems();
  for (const { name, readBy } of byName.values()) {
    if (names.has(name)) continue;
    const readers = `${readBy.join(', ')} ${readBy.length === 1 ? 'reads' : 'read'} it`;
    const message = `There is no column ${name}: ${readers}. Add the column, or omit the rule with --exclude.`;
    problems.add({ file, line: null, path: name }, [...names].join(', '), `a column ${name}`, message);
  }
  problems.throwIfAny();
}
