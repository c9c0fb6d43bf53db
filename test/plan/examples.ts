import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../examples/', import.meta.url);

/** Every rollout spec under examples/. */
export function exampleFiles(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.yaml'));
}

export function readExample(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}
