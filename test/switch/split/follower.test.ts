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
import { openStage, send, type Stage } from '../switch-environment.js';

describe('Follower', () => {
  let splits: Map<string, Split | Error>;
  let reads: string[];
  let kept: Split[];
  let logged: string[];
  let follower: SplitFollower;
  /** Settles a read that was held back. */
  let held: (() => void)[];

  function follow(change: Partial<FollowOptions> = {}, { isHeld = false } = {}): SplitFollower {
    splits = new Map();
    [reads, kept, logged, held] = [[], [], [], []];
    const read = async (endpoint: string) => {
      reads.push(endpoint);
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
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

  it('has a new endpoint’s first request wait for the first read, and no other', async () => {
    follow().start([]);
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    assert.equal(follower.splitOf('shop')?.sequence, 1);
    assert.equal(follower.refreshIfStale('shop'), null);
  });

  it('lets a request go after the time that is set, where the first read takes longer', async () => {
    follow({ firstReadMs: 30 }, { isHeld: true }).start([]);
    const before = performance.now();
    await follower.refreshIfStale('shop');
    const waited = performance.now() - before;
    assert.ok(waited >= 25 && waited < 1000, `${waited} ms`);
    assert.equal(follower.splitOf('shop'), null);
    await delay(30);
    assert.equal(follower.refreshIfStale('shop'), null);
    assert.equal(reads.length, 1, 'no second read while the first is out');
    for (const settle of held) settle();
  });

  it('reads again and again, and takes what is newer', async () => {
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

  it('goes on with what it knew through errors, and says so once', async () => {
    follow().start([]);
    splits.set('shop', splitOf());
    await follower.refreshIfStale('shop');
    splits.set('shop', new Error('Temporal is away'));
    await delay(150);
    assert.equal(follower.splitOf('shop')?.sequence, 1);
    assert.equal(logged.filter((line) => /Temporal is away/.test(line)).length, 1);
    assert.equal(follower.states()[0]?.trouble, 'Temporal is away');
    splits.set('shop', splitOf({ sequence: 2 }));
    await delay(100);
    assert.deepEqual([follower.splitOf('shop')?.sequence, follower.states()[0]?.trouble], [2, null]);
  });

  it('goes on with what it knew where a rollout has left nothing, or something of a newer kind', async () => {
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
    assert.match(logged.join('\n'), /bucketing is "murmur3\/100000", known is "fnv1a32x2\/10000"/);
  });

  it('leaves an endpoint alone that nobody asks for, and reads before the next request of it', async () => {
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

  it('never leaves a configured endpoint alone', async () => {
    follow({ idleMs: 1 }).start(['Shop']);
    await delay(150);
    assert.ok(reads.length >= 3);
    assert.deepEqual(new Set(reads), new Set(['shop']));
  });

  it('follows no more endpoints than it may, and forgets those without a rollout first', async () => {
    follow({ maxEndpoints: 2 }).start(['a']);
    splits.set('b', splitOf({ endpoint: 'b' }));
    await follower.refreshIfStale('b');
    assert.equal(follower.refreshIfStale('c'), null);
    assert.deepEqual(
      follower.states().map(({ endpoint }) => endpoint),
      ['a', 'b'],
    );
  });

  it('without a timer reads where what it knows is older than a second, within the request', async () => {
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

describe('what a switch follows', () => {
  it('is taken where it is newer, or another rollout’s', () => {
    const known = splitOf({ sequence: 3 });
    assert.equal(isNewer(null, known), true);
    assert.equal(isNewer(known, splitOf({ sequence: 4 })), true);
    assert.equal(isNewer(known, splitOf({ sequence: 2 })), false);
    assert.equal(isNewer(known, splitOf({ sequence: 1, rolloutId: 'shop-ffffffff' })), true);
  });

  it('is refused with what is wrong with it', () => {
    const wrong: [Partial<Record<keyof Split, unknown>>, RegExp][] = [
      [{ format: 2 }, /format is 2/],
      [{ bucketing: 'x' }, /bucketing is "x"/],
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
    for (const [change, expected] of wrong)
      assert.match(validateSplit({ ...splitOf(), ...change }, 'shop') ?? 'taken', expected);
    assert.equal(validateSplit(splitOf({ endpoint: 'Shop' }), 'shop'), null);
    assert.match(validateSplit('text', 'shop') ?? '', /no object/);
  });
});

describe('SplitStore', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'penstock-switch-'))));
  afterEach(() => rm(folder, { recursive: true }));
  const open = () => SplitStore.open(join(folder, 'state'), () => undefined);

  it('keeps the last of many, and leaves nothing else behind', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.keep('shop', splitOf({ sequence: i }))));
    assert.equal((await open()).known().get('shop')?.sequence, 19);
    assert.deepEqual(await readdir(join(folder, 'state')), ['splits.json']);
  });

  it('has written all that it was given when it has settled', async () => {
    const store = await open();
    for (let sequence = 1; sequence <= 20; sequence++) void store.keep('shop', splitOf({ sequence }));
    await store.settle();
    assert.equal((await open()).known().get('shop')?.sequence, 20);
  });

  it('passes over what it cannot follow, and a file that is broken', async () => {
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

describe('a switch whose Temporal is away', () => {
  let stage: Stage;
  afterEach(() => stage.stop());

  it('starts with what it knew before, and answers', async () => {
    stage = await openStage({ splits: { shop: splitOf({ candidateShare: 100 }) } });
    const variant = async () =>
      (await send(stage, { user: 'ada' })).headers.get('x-amzn-invoked-production-variant');
    // The first request waits for the first split, but not for ever.
    while ((await variant()) !== 'shop-b') await delay(50);
    stage.splits.set('shop', new Error('Temporal is away'));
    await stage.restart();
    const response = await send(stage, { user: 'ada' });
    assert.equal(response.headers.get('x-amzn-invoked-production-variant'), 'shop-b');
    const ready = (await (await fetch(`${stage.url}/readyz`)).json()) as {
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
        trouble: 'Temporal is away',
      },
    ]);
  });

  it('follows a change within two seconds, without a restart', async () => {
    stage = await openStage({ splits: { shop: splitOf({ candidateShare: 0 }) } });
    const variant = async () =>
      (await send(stage, { user: 'ada' })).headers.get('x-amzn-invoked-production-variant');
    assert.equal(await variant(), 'shop-a');
    stage.splits.set('shop', splitOf({ sequence: 2, candidateShare: 100 }));
    await delay(1900);
    assert.equal(await variant(), 'shop-b');
  });
});
