import { cpus, totalmem } from 'node:os';

/** One measured figure, and its target. */
export interface Figure {
  what: string;
  measured: string;
  aim: string;
}

export function printFigures(figures: Figure[]): void {
  console.table(Object.fromEntries(figures.map(({ what, measured, aim }) => [what, { measured, aim }])));
}

/** The machine, e.g. `2 cores (Some CPU), 24 GB, Node 20.20.2`. */
export function describeMachine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${cpus()[0]?.model ?? '?'}), ${gigabytes} GB, Node ${process.versions.node}`;
}
