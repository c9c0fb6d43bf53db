/** Size of JSON in UTF-8, which Temporal's limits count. A character can take six bytes. Pure. */
const utf8 = new TextEncoder();

export function jsonBytes(value: unknown): number {
  return utf8.encode(JSON.stringify(value)).length;
}
