/** Gets a program that is slow to build: `builder.ts CACHE MILLISECONDS`. Prints `building` when it builds. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram, type ProgramSource } from '../../src/servers/find-program.js';

const [cache = '', milliseconds] = process.argv.slice(2);
const slow: ProgramSource = {
  label: 'built slowly',
  cacheKey: 'gate',
  doing: 'building',
  async make(folder) {
    await writeFile(path.join(folder, 'half'), '');
    console.log('building');
    await sleep(Number(milliseconds));
    await writeFile(path.join(folder, 'other-half'), '');
  },
};
const found = await findProgram({ name: 'gate', advice: [], sources: [slow] }, cache, () => undefined);
console.log(found.description);
