/** Columns of text. Widths are counted before colours are laid on: escape codes take no room. */
import type { Paint } from './colours.js';

export interface Cell {
  text: string;
  paint?: Paint;
}

/** Every line's cells, padded to the widest of their column; the last column is left as it is. */
export function alignColumns(rows: readonly Cell[][]): string[] {
  const widths = columnsOf(rows).map((cells) => Math.max(...cells.map(({ text }) => [...text].length)));
  return rows.map((cells) =>
    cells
      .map(({ text, paint }, i) => {
        const padding = i === cells.length - 1 ? '' : ' '.repeat((widths[i] ?? 0) - [...text].length);
        return `${paint === undefined ? text : paint(text)}${padding}`;
      })
      .join('  ')
      .trimEnd(),
  );
}

function columnsOf(rows: readonly Cell[][]): Cell[][] {
  const count = Math.max(0, ...rows.map((cells) => cells.length));
  return Array.from({ length: count }, (_, i) => rows.flatMap((cells) => cells[i] ?? []));
}
