/** Follows the splits of the endpoints that are asked for, and never stands in a request's way for long. */
import type { Split } from '../../plan/split/split.js';
import { validateSplit, isNewer } from './split-validation.js';
import type { SwitchLog } from '../log.js';
import type { SplitSource } from './split-source.js';
import type { SplitStore } from './split-store.js';

export interface FollowOptions {
  source: SplitSource;
  store: Pick<SplitStore, 'known' | 'keep'>;
  log: SwitchLog;
  /** Between two reads of one endpoint. */
  everyMs: number;
  /** How long a request waits for a read, where the endpoint is new or was not asked for in a while. */
  firstReadMs: number;
  /** An endpoint that nobody asks for is left alone after this time. */
  idleMs: number;
  /** Endpoints followed at once; names are the clients' to choose. */
  maxEndpoints: number;
  now?: () => number;
}

interface Followed {
  split: Split | null;
  reading: Promise<void> | null;
  readAtMs: number;
  askedAtMs: number;
  /** The endpoint is of the configuration: it is never idle. */
  isLasting: boolean;
  /** New, or left alone for a while: requests wait for the read under way. */
  isAwaited: boolean;
  /** What was last complained about, said once. */
  trouble: string | null;
}

export interface FollowedState {
  endpoint: string;
  split: Split | null;
  /** Why it is not known whether the split is the newest; null where it is. */
  trouble: string | null;
}

export class SplitFollower {
  private readonly followed = new Map<string, Followed>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: FollowOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Reads by itself from now on. Without this, `freshen` is what reads: in a Lambda nothing runs between requests. */
  start(endpoints: readonly string[]): void {
    for (const endpoint of endpoints) this.entryOf(endpoint.toLowerCase(), true);
    this.readAll();
    this.timer = setInterval(() => this.readAll(), this.options.everyMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** What is known now. `endpoint`: in lower case. */
  splitOf(endpoint: string): Split | null {
    return this.followed.get(endpoint)?.split ?? this.options.store.known().get(endpoint) ?? null;
  }

  /** Null where what is known is fresh; else settles when it is, or when it has been waited for long enough. */
  refreshIfStale(endpoint: string): Promise<void> | null {
    const entry = this.entryOf(endpoint, false);
    if (entry === null) return null;
    const now = this.now();
    if (now - entry.askedAtMs > this.options.idleMs) entry.isAwaited = true;
    entry.askedAtMs = now;
    // The timer sees to it, unless it had given the endpoint up.
    if (this.timer !== null && !entry.isAwaited) return null;
    if (now - entry.readAtMs >= this.options.everyMs) this.read(endpoint, entry);
    const left = entry.readAtMs + this.options.firstReadMs - now;
    // While Temporal is away nobody waits twice.
    return entry.reading === null || entry.trouble !== null || left <= 0 ? null : within(entry.reading, left);
  }

  states(): FollowedState[] {
    return [...this.followed].map(([endpoint, { split, trouble }]) => ({ endpoint, split, trouble }));
  }

  private readAll(): void {
    const now = this.now();
    for (const [endpoint, entry] of this.followed)
      if (entry.isLasting || now - entry.askedAtMs <= this.options.idleMs) this.read(endpoint, entry);
  }

  private read(endpoint: string, entry: Followed): void {
    if (entry.reading !== null) return;
    entry.readAtMs = this.now();
    entry.reading = this.options.source
      .read(endpoint)
      .then(
        (found) => this.take(endpoint, entry, found),
        (error: unknown) =>
          this.logFailure(endpoint, entry, error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        entry.reading = null;
        entry.isAwaited = false;
      });
  }

  private take(endpoint: string, entry: Followed, found: Split | null): void {
    const fault = found === null ? null : validateSplit(found, endpoint);
    if (fault !== null) return this.logFailure(endpoint, entry, `the split cannot be followed: ${fault}`);
    if (entry.trouble !== null) this.options.log('info', `${endpoint}: its split can be read again`);
    entry.trouble = null;
    if (found === null || !isNewer(entry.split, found)) return;
    entry.split = found;
    this.options.log(
      'info',
      `${endpoint}: ${found.candidateShare} % to the candidate (${found.rolloutId}, ${found.sequence})`,
    );
    void this.options.store.keep(endpoint, found);
  }

  private logFailure(endpoint: string, entry: Followed, trouble: string): void {
    if (entry.trouble !== trouble)
      this.options.log('warn', `${endpoint}: ${trouble}; what was last known goes on`);
    entry.trouble = trouble;
  }

  /** Null where too many are followed already. */
  private entryOf(endpoint: string, isLasting: boolean): Followed | null {
    const found = this.followed.get(endpoint);
    if (found !== undefined) return found;
    if (this.followed.size >= this.options.maxEndpoints && !this.evictIdle()) return null;
    const split = this.options.store.known().get(endpoint) ?? null;
    const never = {
      reading: null,
      readAtMs: -Infinity,
      askedAtMs: -Infinity,
      isAwaited: true,
      trouble: null,
    };
    const entry: Followed = { split, isLasting, ...never };
    this.followed.set(endpoint, entry);
    return entry;
  }

  /** Forgets the one that nobody has asked for for the longest time, of those without a split. */
  private evictIdle(): boolean {
    const spare = [...this.followed].filter(([, { split, isLasting }]) => split === null && !isLasting);
    const [oldest] = spare.sort(([, a], [, b]) => a.askedAtMs - b.askedAtMs);
    return oldest !== undefined && this.followed.delete(oldest[0]);
  }
}

/** Settles with `work`, or after `ms`; never rejects. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
