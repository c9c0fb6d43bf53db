/** Rows of a JSON document, with their lines in the text. */
import type { DataRow } from './csv-rows.js';
import { ownValue } from '../../plan/units/own-value.js';

/** `rows`: the array of windows in the document. `path`: the name of the array. */
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
      // Computed only for messages, because it scans the whole text.
      get line() {
        return lineOfRow(text, path, i);
      },
      path: `${path}[${i}]`,
    };
    yield { at, cell: (column) => ownValue(cells, column) ?? undefined };
  }
}

/** Line of the array element, starting at 1. Null if unknown. */
export function lineOfRow(text: string, name: string, index: number): number | null {
  const array = name === '' ? text.indexOf('[') : text.indexOf('[', text.indexOf(`"${name}"`));
  let depth = 0;
  let element = 0;
  // Matches whole strings, so that brackets inside them do not count.
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
