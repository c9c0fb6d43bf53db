/** Reads the splits of the endpoints that get requests, and delays a request only for a bounded time. */
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
  /** Max wait of a request for a read, if the endpoint is new or was idle. */
  firstReadMs: number;
  /** An endpoint without requests for this time is no longer read. */
  idleMs: number;
  /** Max endpoints followed at once, because clients can send any name. */
  maxEndpoints: number;
  now?: () => number;
}

interface Followed {
  split: Split | null;
  reading: Promise<void> | null;
  readAtMs: number;
  requestedAtMs: number;
  /** The configuration lists the endpoint, so it never counts as idle. */
  isConfigured: boolean;
  /** New, or idle for a while: requests wait for the read in progress. */
  isAwaited: boolean;
  /** The failure that was last logged; each one is logged once. */
  failure: string | null;
}

export interface FollowedState {
  endpoint: string;
  split: Split | null;
  /** Why the split may be outdated; null if the last read succeeded. */
  failure: string | null;
}

export class SplitFollower {
  private readonly followed = new Map<string, Followed>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: FollowOptions) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Starts to read on a timer. Without a timer, `refreshIfStale` reads, because a Lambda function does not run between
   * requests.
   */
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

  /** The last known split. `endpoint`: in lower case. */
  splitOf(endpoint: string): Split | null {
    return this.followed.get(endpoint)?.split ?? this.options.store.known().get(endpoint) ?? null;
  }

  /** Null if no wait is needed. Otherwise settles when the split is read, or after the max wait. */
  refreshIfStale(endpoint: string): Promise<void> | null {
    const entry = this.entryOf(endpoint, false);
    if (entry === null) return null;
    const now = this.now();
    if (now - entry.requestedAtMs > this.options.idleMs) entry.isAwaited = true;
    entry.requestedAtMs = now;
    // The timer reads the endpoint, unless it was idle.
    if (this.timer !== null && !entry.isAwaited) return null;
    if (now - entry.readAtMs >= this.options.everyMs) this.read(endpoint, entry);
    const left = entry.readAtMs + this.options.firstReadMs - now;
    // While Temporal is unavailable, only the first request waits.
    return entry.reading === null || entry.failure !== null || left <= 0
      ? null
      : waitAtMost(entry.reading, left);
  }

  states(): FollowedState[] {
    return [...this.followed].map(([endpoint, { split, failure }]) => ({ endpoint, split, failure }));
  }

  private readAll(): void {
    const now = this.now();
    for (const [endpoint, entry] of this.followed)
      if (entry.isConfigured || now - entry.requestedAtMs <= this.options.idleMs) this.read(endpoint, entry);
  }

  private read(endpoint: string, entry: Followed): void {
    if (entry.reading !== null) return;
    entry.readAtMs = this.now();
    entry.reading = this.options.source
      .read(endpoint)
      .then(
        (found) => this.apply(endpoint, entry, found),
        (error: unknown) =>
          this.logFailure(endpoint, entry, error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        entry.reading = null;
        entry.isAwaited = false;
      });
  }

  private apply(endpoint: string, entry: Followed, found: Split | null): void {
    const fault = found === null ? null : validateSplit(found, endpoint);
    if (fault !== null) return this.logFailure(endpoint, entry, `cannot use the split: ${fault}`);
    if (entry.failure !== null) this.options.log('info', `${endpoint}: the split can be read again`);
    entry.failure = null;
    if (found === null || !isNewer(entry.split, found)) return;
    entry.split = found;
    this.options.log(
      'info',
      `${endpoint}: ${found.candidateShare} % to the candidate (${found.rolloutId}, ${found.sequence})`,
    );
    void this.options.store.keep(endpoint, found);
  }

  private logFailure(endpoint: string, entry: Followed, failure: string): void {
    if (entry.failure !== failure)
      this.options.log('warn', `${endpoint}: ${failure}; the switch continues with the last known split`);
    entry.failure = failure;
  }

  /** Null if `maxEndpoints` are followed already. */
  private entryOf(endpoint: string, isConfigured: boolean): Followed | null {
    const found = this.followed.get(endpoint);
    if (found !== undefined) return found;
    if (this.followed.size >= this.options.maxEndpoints && !this.evictIdle()) return null;
    const split = this.options.store.known().get(endpoint) ?? null;
    const notYetRead = {
      reading: null,
      readAtMs: -Infinity,
      requestedAtMs: -Infinity,
      isAwaited: true,
      failure: null,
    };
    const entry: Followed = { split, isConfigured, ...notYetRead };
    this.followed.set(endpoint, entry);
    return entry;
  }

  /** Stops following the endpoint with the oldest last request, among those without a split. */
  private evictIdle(): boolean {
    const spare = [...this.followed].filter(([, { split, isConfigured }]) => split === null && !isConfigured);
    const [oldest] = spare.sort(([, a], [, b]) => a.requestedAtMs - b.requestedAtMs);
    return oldest !== undefined && this.followed.delete(oldest[0]);
  }
}

/** Settles with `work`, or after `ms`. Never rejects. */
async function waitAtMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
