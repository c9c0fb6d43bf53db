/** What the rows of recorded data are, before they are put side by side. */
import type { Role } from '../../plan/compiled/role.js';
import type { Columns } from './columns.js';
import type { RowPlace } from './csv-rows.js';
import type { Problems } from './data-error.js';

export interface CollectedRow {
  at: RowPlace;
  startMs: number;
  role: Role;
  periodSeconds: number | null;
  share: number | null;
  stage: number | null;
  /** In the order of the columns. */
  values: (number | null)[];
}

/** What is read from. */
export interface Origin {
  file: string;
  columns: Columns;
  problems: Problems;
}
