import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../examples/', import.meta.url);

/** Every spec of one rollout under examples/. */
export function exampleFiles(): string[] {
  return yamlFiles().filter((name) => !isWaves(name));
}

/** Every spec of waves under examples/. */
export function wavesExampleFiles(): string[] {
  return yamlFiles().filter(isWaves);
}

export function readExample(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

function yamlFiles(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.yaml'));
}

function isWaves(name: string): boolean {
  return /^waves:/m.test(readExample(name));
}
