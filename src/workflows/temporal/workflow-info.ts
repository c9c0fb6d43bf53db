/** Workflow time as ISO 8601. */
export function now(): string {
  return new Date().toISOString();
}

/** The starter that the client wrote to the memo. */
export function startedByOf(memo: Record<string, unknown> | undefined): string {
  const actor = memo?.['startedBy'];
  return typeof actor === 'string' && actor !== '' ? actor : 'unknown (no startedBy in the memo)';
}
