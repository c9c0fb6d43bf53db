import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  findProgram,
  ProgramNotFound,
  Unavailable,
  type ProgramSource,
} from '../../src/servers/find-program.js';

const quiet = () => undefined;

function source(label: string, make: ProgramSource['make']): ProgramSource {
  return { label, cacheKey: `program-${label}`, doing: `getting it ${label}`, make };
}

const works = (folder: string) => writeFile(path.join(folder, 'program'), 'ready');
const unavailable = (reason: string) => () => Promise.reject(new Unavailable(reason));

describe('findProgram', () => {
  let cache: string;
  beforeEach(async () => (cache = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(cache, { recursive: true }));

  const find = (...sources: ProgramSource[]) =>
    findProgram({ name: 'Gate Server', advice: ['install gates'], sources }, cache, quiet, [
      { label: 'PATH', reason: 'no gate' },
    ]);

  it('findProgram: first source unavailable -> the next one', async () => {
    const found = await find(
      source('by air', unavailable('no wings')),
      source('by sea', works),
      source('by land', works),
    );
    assert.equal(found.description, 'by sea');
    assert.equal(await readFile(path.join(found.folder, 'program'), 'utf8'), 'ready');
  });

  it('findProgram: cached -> no source is used', async () => {
    await find(source('by land', works));
    const found = await find(
      source('by air', unavailable('must not be used')),
      source('by land', unavailable('nor this')),
    );
    assert.equal(found.description, 'cached, by land');
  });

  it('findProgram: all sources unavailable -> each with its reason, and the next steps', async () => {
    const sources = [source('by air', unavailable('no wings')), source('by sea', unavailable('no ship'))];
    await assert.rejects(find(...sources), (error) => {
      assert.ok(error instanceof ProgramNotFound);
      assert.deepEqual(error.message.split('\n'), [
        'Cannot find the Gate Server. Tried in this order:',
        '  1. PATH: no gate',
        `  2. cache: nothing in ${cache}`,
        '  3. by air: no wings',
        '  4. by sea: no ship',
        'Do one of these:',
        '  - install gates',
      ]);
      return true;
    });
  });

  it('findProgram: unexpected error -> thrown, no further source', async () => {
    const broken = source('by air', () => Promise.reject(new TypeError('a bug')));
    await assert.rejects(find(broken, source('by sea', works)), /a bug/);
  });

  it('findProgram: failed source -> nothing left in the cache, lock released', async () => {
    const half = source('by air', async (folder) => {
      await works(folder);
      throw new Unavailable('wings fell off');
    });
    await assert.rejects(find(half), ProgramNotFound);
    assert.deepEqual(await readdir(cache), []);
  });
});
