/** Milliseconds since the epoch as ISO 8601, UTC. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
