import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('fixtures/', import.meta.url);

/** Text of a fixture. */
export function readFixture(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** Names of the spec fixtures that begin with `prefix`. */
export function specFixtures(prefix: 'valid-' | 'invalid-'): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(prefix));
}
