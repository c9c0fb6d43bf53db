/** Reads the rows of a CSV file (RFC 4180) line by line, so memory use does not depend on the file's length. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { dataError } from './data-error.js';

/** Position of a row. It is kept longer than the cells. */
export interface RowPlace {
  readonly line: number | null;
  /** Prefix of the column name in messages. Empty for CSV. */
  path: string;
}

/** One row of CSV or JSON. */
export interface DataRow {
  at: RowPlace;
  /** Undefined if the cell is empty or does not exist. */
  cell: (column: string) => unknown;
}

/** Adds the column names to `columns`. Throws DataError. */
export async function* readCsvRows(file: string, columns: Set<string>): AsyncGenerator<DataRow> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  let header: Map<string, number> | null = null;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const cells = splitLine(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    if (cells === null) {
      const message = 'A quoted field must end on its line.';
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
    const duplicate = names.find((name, i) => names.indexOf(name) < i) ?? '';
    throw dataError(
      { file, line, path: duplicate },
      `two columns ${duplicate}`,
      'each column once',
      'Two columns have the same name.',
    );
  }
  for (const name of names) columns.add(name);
  return header;
}

function rowOf(cells: string[], header: Map<string, number>, file: string, line: number): DataRow {
  if (cells.length !== header.size) {
    const found = `${cells.length} fields`;
    const message = 'The line and the header have different numbers of fields.';
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

/** Null if a quoted field does not end on the line. */
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
