/** Workflow time as ISO 8601. */
export function now(): string {
  return new Date().toISOString();
}
