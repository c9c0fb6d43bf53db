import assert from 'node:assert/strict';

/** A machine that is shared or slow must not fail a test; what takes a minute must. The real times are printed. */
const mostMs = 5_000;

/** How long each took, in processor time: others may be at work on the same machine. */
export class Stopwatch {
  slowest = { ms: 0, what: 'nothing' };

  /** Fails where it took far longer than a second. */
  time<T>(what: string, run: () => T): T {
    const before = process.cpuUsage();
    try {
      return run();
    } finally {
      const { user, system } = process.cpuUsage(before);
      const ms = Math.round((user + system) / 1000);
      if (ms > this.slowest.ms) this.slowest = { ms, what };
      assert.ok(ms < mostMs, `${what} took ${ms} ms`);
    }
  }
}
