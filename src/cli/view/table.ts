/** Aligned columns of text. Widths are counted without colours, because escape codes are not visible. */
import type { Paint } from './colours.js';

export interface Cell {
  text: string;
  paint?: Paint;
}

/** Pads every cell to the widest of its column, except in the last column. */
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
