import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Split } from '../../../src/plan/split/split.js';
import { SplitFollower, type FollowOptions } from '../../../src/switch/split/follower.js';
import { validateSplit, isNewer } from '../../../src/switch/split/split-validation.js';
import { SplitStore } from '../../../src/switch/split/split-store.js';
import { splitOf } from './splits.js';
import { openEnvironment, send, type SwitchEnvironment } from '../switch-environment.js';

describe('SplitFollower', () => {
  let splits: Map<string, Split | Error>;
  let reads: string[];
  let kept: Split[];
  let logged: string[];
  let follower: SplitFollower;
  /** Functions that settle the reads that were blocked. */
  let blocked: (() => void)[];

  function follow(change: Partial<FollowOptions> = {}, { isBlocked = false } = {}): SplitFollower {
    splits = new Map();
    [reads, kept, logged, blocked] = [[], [], [], []];
    const read = async (endpoint: string) => {
      reads.push(endpoint);
      if (isBlocked) await new Promise<void>((resolve) => blocked.push(resolve));
      const found = splits.get(endpoint) ?? null;
      if (found instanceof Error) throw found;
      return found;
    };
    follower = new SplitFollower({
      source: { read },
      store: { known: () => new Map(), keep: (_, split) => Promise.resolve(void kept.push(split)) },
      log: (_, line) => logged.push(line),
      ...{ everyMs: 20, firstReadMs: 100, idleMs: 10_000, maxEndpoints: 3 },
      ...change,
    });
    return follower;
  }
  afterEach(() => follower.stop());

  it('SplitFollower: first request of a new endpoint -> waits for the first read, later requests do not', async () => {
    follow().start([]);
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    assert.equal(follower.splitOf('shop')?.sequence, 1);
    assert.equal(follower.refreshIfStale('shop'), null);
  });

  it('SplitFollower: first read is slower than firstRead -> the request waits only for firstRead', async () => {
    follow({ firstReadMs: 30 }, { isBlocked: true }).start([]);
    const before = performance.now();
    await follower.refreshIfStale('shop');
    const waited = performance.now() - before;
    assert.ok(waited >= 25, `${waited} ms`);
    assert.equal(follower.splitOf('shop'), null);
    await delay(30);
    assert.equal(follower.refreshIfStale('shop'), null);
    assert.equal(reads.length, 1, 'no second read while the first one is in progress');
    for (const settle of blocked) settle();
  });

  it('SplitFollower: a newer split is published -> read, used and kept', async () => {
    follow().start([]);
    splits.set('shop', splitOf({ sequence: 1, candidateShare: 1 }));
    await follower.refreshIfStale('shop');
    splits.set('shop', splitOf({ sequence: 2, candidateShare: 5 }));
    await delay(100);
    assert.equal(follower.splitOf('shop')?.candidateShare, 5);
    assert.deepEqual(
      kept.map(({ sequence }) => sequence),
      [1, 2],
    );
  });

  it('SplitFollower: reads fail -> continues with the last known split, and logs the failure once', async () => {
    follow().start([]);
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    splits.set('shop', new Error('Temporal is unavailable'));
    await delay(150);
    assert.equal(follower.splitOf('shop')?.sequence, 1);
    assert.equal(logged.filter((line) => /Temporal is unavailable/.test(line)).length, 1);
    assert.equal(follower.states()[0]?.failure, 'Temporal is unavailable');
    splits.set('shop', splitOf({ sequence: 2 }));
    await delay(100);
    assert.deepEqual([follower.splitOf('shop')?.sequence, follower.states()[0]?.failure], [2, null]);
  });

  it('SplitFollower: no split or one of an unknown format -> continues with the last known split', async () => {
    follow().start([]);
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    for (const unknown of [{ format: 2 }, { bucketing: 'murmur3/100000' }]) {
      splits.set('shop', { ...splitOf({ sequence: 9 }), ...unknown } as unknown as Split);
      await delay(60);
      assert.equal(follower.splitOf('shop')?.sequence, 1);
    }
    splits.delete('shop');
    await delay(60);
    assert.equal(follower.splitOf('shop')?.sequence, 1);
    assert.match(logged.join('\n'), /expected bucketing "fnv1a32x2\/10000", got "murmur3\/100000"/);
  });

  it('SplitFollower: idle endpoint -> not read, but read before its next request', async () => {
    follow({ idleMs: 40 }).start([]);
    await follower.refreshIfStale('shop');
    await delay(120);
    const before = reads.length;
    await delay(100);
    assert.equal(reads.length, before);
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    assert.equal(follower.splitOf('shop')?.sequence, 1);
  });

  it('SplitFollower: configured endpoint without requests -> still read', async () => {
    follow({ idleMs: 1 }).start(['Shop']);
    await delay(150);
    assert.ok(reads.length >= 3);
    assert.deepEqual(new Set(reads), new Set(['shop']));
  });

  it('SplitFollower: maxEndpoints reached -> a further endpoint is not followed', async () => {
    follow({ maxEndpoints: 2 }).start(['a']);
    splits.set('b', splitOf({ endpoint: 'b' }));
    await follower.refreshIfStale('b');
    assert.equal(follower.refreshIfStale('c'), null);
    assert.deepEqual(
      follower.states().map(({ endpoint }) => endpoint),
      ['a', 'b'],
    );
  });

  it('SplitFollower: no timer and a split older than a second -> read within the request', async () => {
    let now = 0;
    follow({ everyMs: 1000, now: () => now });
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    splits.set('shop', splitOf({ sequence: 2 }));
    now = 500;
    assert.equal(follower.refreshIfStale('shop'), null);
    now = 1500;
    await follower.refreshIfStale('shop');
    assert.equal(follower.splitOf('shop')?.sequence, 2);
  });
});

describe('split validation', () => {
  it('isNewer: a higher sequence or another rollout -> true', () => {
    const known = splitOf({ sequence: 3 });
    assert.equal(isNewer(null, known), true);
    assert.equal(isNewer(known, splitOf({ sequence: 4 })), true);
    assert.equal(isNewer(known, splitOf({ sequence: 2 })), false);
    assert.equal(isNewer(known, splitOf({ sequence: 1, rolloutId: 'shop-ffffffff' })), true);
  });

  it('validateSplit: invalid split -> the reason', () => {
    const invalid: [Partial<Record<keyof Split, unknown>>, RegExp][] = [
      [{ format: 2 }, /expected format 1, got 2/],
      [{ bucketing: 'x' }, /got "x"/],
      [{ endpoint: 'other' }, /for endpoint "other"/],
      [{ seed: 7 }, /seed is 7/],
      [{ sequence: 1.5 }, /sequence is 1.5/],
      [{ candidateShare: 101 }, /candidateShare is 101/],
      [{ candidateShare: null }, /candidateShare is null/],
      [{ targets: null }, /no targets/],
      [{ targets: { baseline: null, candidate: null } }, /neither/],
      [{ targets: { baseline: { endpoint: '../admin', variant: null }, candidate: null } }, /baseline is/],
      [{ targets: { baseline: null, candidate: { endpoint: 'a', variant: 'b\r\nx: y' } } }, /candidate is/],
    ];
    for (const [change, expected] of invalid)
      assert.match(validateSplit({ ...splitOf(), ...change }, 'shop') ?? 'valid', expected);
    assert.equal(validateSplit(splitOf({ endpoint: 'Shop' }), 'shop'), null);
    assert.match(validateSplit('text', 'shop') ?? '', /not an object/);
  });
});

describe('SplitStore', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'penstock-switch-'))));
  afterEach(() => rm(folder, { recursive: true }));
  const open = () => SplitStore.open(join(folder, 'state'), () => undefined);

  it('SplitStore: many splits at once -> the last one is on disk, without temporary files', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.keep('shop', splitOf({ sequence: i }))));
    assert.equal((await open()).known().get('shop')?.sequence, 19);
    assert.deepEqual(await readdir(join(folder, 'state')), ['splits.json']);
  });

  it('SplitStore: flush -> all splits are on disk', async () => {
    const store = await open();
    for (let sequence = 1; sequence <= 20; sequence++) void store.keep('shop', splitOf({ sequence }));
    await store.flush();
    assert.equal((await open()).known().get('shop')?.sequence, 20);
  });

  it('SplitStore: invalid split or invalid file -> skipped', async () => {
    await (await open()).keep('shop', splitOf());
    const file = join(folder, 'state', 'splits.json');
    const stored = JSON.parse(await readFile(file, 'utf8')) as { splits: Record<string, unknown> };
    stored.splits['other'] = { format: 9 };
    await writeFile(file, JSON.stringify(stored));
    assert.deepEqual([...(await open()).known().keys()], ['shop']);
    await writeFile(file, '{"splits":');
    assert.equal((await open()).known().size, 0);
  });
});

describe('switch without Temporal', () => {
  let environment: SwitchEnvironment;
  afterEach(() => environment.stop());

  it('switch: restart while Temporal is unavailable -> continues with the last known split', async () => {
    environment = await openEnvironment({ splits: { shop: splitOf({ candidateShare: 100 }) } });
    const variant = async () =>
      (await send(environment, { user: 'ada' })).headers.get('x-amzn-invoked-production-variant');
    // The first request waits for the first split, but only for a bounded time.
    while ((await variant()) !== 'shop-b') await delay(50);
    environment.splits.set('shop', new Error('Temporal is unavailable'));
    await environment.restart();
    const response = await send(environment, { user: 'ada' });
    assert.equal(response.headers.get('x-amzn-invoked-production-variant'), 'shop-b');
    const ready = (await (await fetch(`${environment.url}/readyz`)).json()) as {
      ready: boolean;
      endpoints: unknown[];
    };
    assert.equal(ready.ready, true);
    assert.deepEqual(ready.endpoints, [
      {
        endpoint: 'shop',
        rolloutId: 'shop-0a1b2c3d',
        sequence: 1,
        candidateShare: 100,
        failure: 'Temporal is unavailable',
      },
    ]);
  });

  it('switch: the split changes -> followed within two seconds, without a restart', async () => {
    environment = await openEnvironment({ splits: { shop: splitOf({ candidateShare: 0 }) } });
    const variant = async () =>
      (await send(environment, { user: 'ada' })).headers.get('x-amzn-invoked-production-variant');
    assert.equal(await variant(), 'shop-a');
    environment.splits.set('shop', splitOf({ sequence: 2, candidateShare: 100 }));
    await delay(1900);
    assert.equal(await variant(), 'shop-b');
  });
});
