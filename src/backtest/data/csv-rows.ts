/** Rows of a CSV file (RFC 4180), line by line: a file of any length takes the memory of one line. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { dataError } from './data-error.js';

/** Where a row is; kept when its cells no longer are. */
export interface RowPlace {
  readonly line: number | null;
  /** In front of a column's name in messages; empty for CSV. */
  path: string;
}

/** One row, whatever it was read from. */
export interface DataRow {
  at: RowPlace;
  /** Undefined where it is empty or there is none. */
  cell: (column: string) => unknown;
}

/** `columns`: all names that occur so far, added to as rows are read. Throws DataError. */
export async function* readCsvRows(file: string, columns: Set<string>): AsyncGenerator<DataRow> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  let header: Map<string, number> | null = null;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const cells = splitLine(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    if (cells === null) {
      const message = 'A quoted field must end in its line.';
      throw dataError({ file, line, path: '' }, text.slice(0, 60), 'fields with matching quotes', message);
    }
    if (header === null) header = readHeader(cells, file, line, columns);
    else yield rowOf(cells, header, file, line);
  }
}

function readHeader(cells: string[], file: string, line: number, columns: Set<string>): Map<string, number> {
  const names = cells.map((cell) => cell.trim());
  const header = new Map(names.map((name, i) => [name, i]));
  if (header.size < names.length) {
    const twice = names.find((name, i) => names.indexOf(name) < i) ?? '';
    throw dataError(
      { file, line, path: twice },
      `${twice} twice`,
      'each column once',
      'Two columns have one name.',
    );
  }
  for (const name of names) columns.add(name);
  return header;
}

function rowOf(cells: string[], header: Map<string, number>, file: string, line: number): DataRow {
  if (cells.length !== header.size) {
    const found = `${cells.length} fields`;
    const message = 'The line has not as many fields as the header.';
    throw dataError({ file, line, path: '' }, found, `${header.size} fields`, message);
  }
  return {
    at: { line, path: '' },
    cell(column) {
      const text = cells[header.get(column) ?? -1]?.trim();
      return text === '' ? undefined : text;
    },
  };
}

/** Null where a quoted field does not end in the line. */
function splitLine(text: string): string[] | null {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null) return null;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return cells;
  }
}
