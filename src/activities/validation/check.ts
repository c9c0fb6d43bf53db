/** What one kind of trial found. `problems` are sentences; empty: it passed. */
export interface Check {
  sentence: string;
  problems: string[];
}
