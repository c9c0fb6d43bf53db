/** What one kind of trial found. `problems` are sentences; empty: it passed. */
export interface CheckResult {
  message: string;
  problems: string[];
}
