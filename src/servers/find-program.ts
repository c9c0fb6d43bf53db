/** Finds a program: the cached one, else the first way of getting it that works. */
import { findCached, makeEntry, withLock } from './cache.js';
import { trackProgress, type LogLine } from './progress.js';

/** One way of getting a program into the cache. */
export interface ProgramSource {
  /** For people, e.g. `built from its Go module`. */
  label: string;
  /** Name of the cache entry; changes with whatever is pinned. */
  cacheKey: string;
  /** For people, while it runs, e.g. `building the Temporal CLI from its Go module`. */
  doing: string;
  /** Throws `Unavailable` where this way is closed on this machine. */
  make(folder: string): Promise<void>;
}

export interface ProgramSpec {
  /** For people and for the lock's name, e.g. `temporal-cli`. */
  name: string;
  /** What to install or allow where every source fails; one way a line. */
  advice: string[];
  sources: ProgramSource[];
}

/** `folder` of the entry in the cache. */
export interface ProgramLocation {
  folder: string;
  description: string;
}

/** Why one way of getting a program is closed; the message is one sentence for people. */
export class Unavailable extends Error {}

/** Every way was tried; the message lists them in order, each with its reason, and what to install. */
export class ProgramNotFound extends Error {
  constructor(wanted: string, attempts: { label: string; reason: string }[], advice: string[]) {
    const tried = attempts.map(({ label, reason }, i) => `  ${i + 1}. ${label}: ${reason}`);
    const ways = advice.map((way) => `  - ${way}`);
    super(
      [`no ${wanted} on this machine; tried, in order:`, ...tried, 'ways to get it:', ...ways].join('\n'),
    );
  }
}

/**
 * Looks in `cache`, then tries the sources in order, one process at a time. `earlier`: what the caller tried before.
 * Throws `ProgramNotFound`.
 */
export async function findProgram(
  wanted: ProgramSpec,
  cache: string,
  log: LogLine,
  earlier: { label: string; reason: string }[] = [],
): Promise<ProgramLocation> {
  const cached = await findInCache(wanted, cache);
  if (cached !== null) return cached;
  const onWait = () => log(`waiting for another process that gets the ${wanted.name}`);
  return withLock(cache, wanted.name.toLowerCase().replaceAll(' ', '-'), onWait, async () => {
    return (await findInCache(wanted, cache)) ?? (await tryInOrder(wanted, cache, log, earlier));
  });
}

async function findInCache(wanted: ProgramSpec, cache: string): Promise<ProgramLocation | null> {
  for (const { cacheKey, label } of wanted.sources) {
    const folder = await findCached(cache, cacheKey);
    if (folder !== null) return { folder, description: `cached, ${label}` };
  }
  return null;
}

async function tryInOrder(
  wanted: ProgramSpec,
  cache: string,
  log: LogLine,
  earlier: { label: string; reason: string }[],
): Promise<ProgramLocation> {
  const attempts = [...earlier, { label: 'cache', reason: `nothing in ${cache}` }];
  for (const source of wanted.sources) {
    try {
      const make = (folder: string) => trackProgress(source.doing, log, () => source.make(folder));
      return { folder: await makeEntry(cache, source.cacheKey, make), description: source.label };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      attempts.push({ label: source.label, reason: error.message });
    }
  }
  throw new ProgramNotFound(wanted.name, attempts, wanted.advice);
}
