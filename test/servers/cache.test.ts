import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../src/processes/child.js';
import { cacheFolder } from '../../src/servers/cache.js';
import { collectOutput } from '../../src/servers/run-tool.js';

const builder = fileURLToPath(new URL('./builder.ts', import.meta.url));

function build(cache: string, milliseconds: number): { child: Child; lines: Promise<string[]> } {
  const child = startChild(process.execPath, ['--import', 'tsx', builder, cache, String(milliseconds)]);
  const output = collectOutput(child);
  const lines = once(child.process, 'close').then(() => {
    assert.equal(output.stderr, '');
    return output.stdout.trim().split('\n');
  });
  return { child, lines };
}

describe('cache', () => {
  let cache: string;
  beforeEach(async () => (cache = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(cache, { recursive: true }));

  it('cache: two processes at the same time -> built once', async () => {
    const both = await Promise.all([build(cache, 1_500).lines, build(cache, 1_500).lines]);
    const sorted = both.sort((a, b) => b.length - a.length);
    assert.deepEqual(sorted, [['building', 'built slowly'], ['cached, built slowly']]);
    assert.deepEqual(await readdir(cache), ['gate']);
  });

  it('cache: killed build -> no entry, built again', async () => {
    const killed = build(cache, 600_000).child;
    await once(killed.process.stdout!, 'data');
    killed.process.kill('SIGKILL');
    await once(killed.process, 'close');
    const leftovers = await readdir(cache);
    assert.ok(
      leftovers.includes('gate.lock') && leftovers.some((name) => name.startsWith('.unfinished-gate-')),
      leftovers.join(),
    );

    assert.deepEqual(await build(cache, 0).lines, ['building', 'built slowly']);
    assert.deepEqual(await readdir(cache), ['gate']);
    assert.deepEqual((await readdir(path.join(cache, 'gate'))).sort(), ['half', 'other-half']);
  }).timeout(90_000);

  it('cache: PENSTOCK_CACHE_DIR -> that folder', () => {
    const before = process.env['PENSTOCK_CACHE_DIR'];
    try {
      process.env['PENSTOCK_CACHE_DIR'] = '/somewhere/else';
      assert.equal(cacheFolder(), '/somewhere/else');
      delete process.env['PENSTOCK_CACHE_DIR'];
      assert.match(cacheFolder(), /penstock$/);
    } finally {
      if (before !== undefined) process.env['PENSTOCK_CACHE_DIR'] = before;
    }
  });
});
