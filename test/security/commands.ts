/** The AWS operations that a part of the program can call: those in every file that its entry imports. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src/', import.meta.url));

export function commandsReachedFrom(...entries: string[]): string[] {
  const files = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const next of importsOf(file)) visit(next);
  };
  for (const entry of entries) visit(path.join(source, entry));
  const commands = [...files].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bnew (?:\w+\.)?(\w+)Command\(/g)].map(([, name = '']) => name),
  );
  return [...new Set(commands)].sort();
}

/** Imports of this project that are not only types. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/gm);
  return [...found].map(([, fixed, lazy]) => {
    const target = path.join(path.dirname(file), (fixed ?? lazy ?? '').replace(/\.js$/, '.ts'));
    if (!existsSync(target)) throw new Error(`${file} imports ${target}, which does not exist`);
    return target;
  });
}
