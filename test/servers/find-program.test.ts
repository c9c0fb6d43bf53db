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
const closed = (reason: string) => () => Promise.reject(new Unavailable(reason));

describe('findProgram', () => {
  let cache: string;
  beforeEach(async () => (cache = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(cache, { recursive: true }));

  const find = (...sources: ProgramSource[]) =>
    findProgram({ name: 'Gate Server', advice: ['install gates'], sources }, cache, quiet, [
      { label: 'PATH', reason: 'no gate' },
    ]);

  it('takes the first source that is open', async () => {
    const found = await find(
      source('by air', closed('no wings')),
      source('by sea', works),
      source('by land', works),
    );
    assert.equal(found.description, 'by sea');
    assert.equal(await readFile(path.join(found.folder, 'program'), 'utf8'), 'ready');
  });

  it('takes what is cached before any source', async () => {
    await find(source('by land', works));
    const found = await find(
      source('by air', closed('must not be asked')),
      source('by land', closed('nor this')),
    );
    assert.equal(found.description, 'cached, by land');
  });

  it('reports every way in order, with its reason and what to install', async () => {
    const sources = [source('by air', closed('no wings')), source('by sea', closed('no ship'))];
    await assert.rejects(find(...sources), (error) => {
      assert.ok(error instanceof ProgramNotFound);
      assert.deepEqual(error.message.split('\n'), [
        'no Gate Server on this machine; tried, in order:',
        '  1. PATH: no gate',
        `  2. cache: nothing in ${cache}`,
        '  3. by air: no wings',
        '  4. by sea: no ship',
        'ways to get it:',
        '  - install gates',
      ]);
      return true;
    });
  });

  it('does not take a fault for a closed source', async () => {
    const broken = source('by air', () => Promise.reject(new TypeError('a fault')));
    await assert.rejects(find(broken, source('by sea', works)), /a fault/);
  });

  it('leaves nothing of a failed source behind, and frees the lock', async () => {
    const half = source('by air', async (folder) => {
      await works(folder);
      throw new Unavailable('wings fell off');
    });
    await assert.rejects(find(half), ProgramNotFound);
    assert.deepEqual(await readdir(cache), []);
  });
});
