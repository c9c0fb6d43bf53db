/** Finds a program in the cache, or gets it from the first source that works. */
import { findCached, makeEntry, withLock } from './cache.js';
import { trackProgress, type LogLine } from './progress.js';

/** A source of a program for the cache. */
export interface ProgramSource {
  /** Shown to users, e.g. `built from its Go module`. */
  label: string;
  /** Name of the cache entry. Changes with the pinned versions. */
  cacheKey: string;
  /** Progress shown to users, e.g. `building the Temporal CLI from its Go module`. */
  doing: string;
  /** Throws `Unavailable` if this source does not work on this machine. */
  make(folder: string): Promise<void>;
}

export interface ProgramSpec {
  /** Shown to users, and used as the name of the lock, e.g. `temporal-cli`. */
  name: string;
  /** Next steps if every source fails, one per line. */
  advice: string[];
  sources: ProgramSource[];
}

/** `folder`: that of the cache entry. */
export interface ProgramLocation {
  folder: string;
  description: string;
}

/** A source does not work. The message says why. */
export class Unavailable extends Error {}

/** Every source failed. The message lists them with their reasons, and the next steps. */
export class ProgramNotFound extends Error {
  constructor(name: string, attempts: { label: string; reason: string }[], advice: string[]) {
    const tried = attempts.map(({ label, reason }, i) => `  ${i + 1}. ${label}: ${reason}`);
    const steps = advice.map((step) => `  - ${step}`);
    super(
      [`Cannot find the ${name}. Tried in this order:`, ...tried, 'Do one of these:', ...steps].join('\n'),
    );
  }
}

/**
 * Searches `cache`, then tries the sources in order, one process at a time. `earlier`: attempts of the caller before.
 * Throws `ProgramNotFound`.
 */
export async function findProgram(
  program: ProgramSpec,
  cache: string,
  log: LogLine,
  earlier: { label: string; reason: string }[] = [],
): Promise<ProgramLocation> {
  const cached = await findInCache(program, cache);
  if (cached !== null) return cached;
  const onWait = () => log(`waiting for another process to get the ${program.name}`);
  return withLock(cache, program.name.toLowerCase().replaceAll(' ', '-'), onWait, async () => {
    return (await findInCache(program, cache)) ?? (await tryInOrder(program, cache, log, earlier));
  });
}

async function findInCache(program: ProgramSpec, cache: string): Promise<ProgramLocation | null> {
  for (const { cacheKey, label } of program.sources) {
    const folder = await findCached(cache, cacheKey);
    if (folder !== null) return { folder, description: `cached, ${label}` };
  }
  return null;
}

async function tryInOrder(
  program: ProgramSpec,
  cache: string,
  log: LogLine,
  earlier: { label: string; reason: string }[],
): Promise<ProgramLocation> {
  const attempts = [...earlier, { label: 'cache', reason: `nothing in ${cache}` }];
  for (const source of program.sources) {
    try {
      const make = (folder: string) => trackProgress(source.doing, log, () => source.make(folder));
      return { folder: await makeEntry(cache, source.cacheKey, make), description: source.label };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      attempts.push({ label: source.label, reason: error.message });
    }
  }
  throw new ProgramNotFound(program.name, attempts, program.advice);
}
