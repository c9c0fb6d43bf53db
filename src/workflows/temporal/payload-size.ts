/** The size of JSON as it is sent, which is what Temporal's limits count: a character may take six bytes. Pure. */
const utf8 = new TextEncoder();

export function jsonBytes(value: unknown): number {
  return utf8.encode(JSON.stringify(value)).length;
}
