/** Rows of a JSON document, and where in its text they are. */
import type { DataRow } from './csv-rows.js';

/** `rows`: the array of windows within the document; `path`: its name there. */
export function* readJsonRows(
  rows: readonly unknown[],
  path: string,
  text: string,
  columns: Set<string>,
): Generator<DataRow> {
  for (const [i, row] of rows.entries()) {
    const cells = typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : {};
    for (const name in cells) columns.add(name);
    const at = {
      // Looked up for messages only: it takes a walk through the text.
      get line() {
        return lineOfRow(text, path, i);
      },
      path: `${path}[${i}]`,
    };
    yield { at, cell: (column) => cells[column] ?? undefined };
  }
}

/** Line of the array's element, from 1; null where it cannot be told. */
export function lineOfRow(text: string, name: string, index: number): number | null {
  const array = name === '' ? text.indexOf('[') : text.indexOf('[', text.indexOf(`"${name}"`));
  let depth = 0;
  let element = 0;
  // Strings whole, so that what is in them is no structure.
  const token = /"(?:[^"\\]|\\.)*"|[[\]{},]/g;
  token.lastIndex = array;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === ',' && depth === 1) element += 1;
    if (match[0] === '{' && depth === 1 && element === index) return countLines(text, match.index);
    if (match[0] === '[' || match[0] === '{') depth += 1;
    if (match[0] === ']' || match[0] === '}') depth -= 1;
    if (depth === 0) return null;
  }
  return null;
}

function countLines(text: string, offset: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
