import assert from 'node:assert/strict';

/** Generous: a shared or slow machine must not fail a test, but work of a minute must. The tests print the real times. */
const maxMs = 5_000;

/** Measures processor time, because other programs may run on the same machine. */
export class Stopwatch {
  slowest = { ms: 0, what: 'nothing' };

  /** Fails if `run` takes more than `maxMs`. */
  time<T>(what: string, run: () => T): T {
    const before = process.cpuUsage();
    try {
      return run();
    } finally {
      const { user, system } = process.cpuUsage(before);
      const ms = Math.round((user + system) / 1000);
      if (ms > this.slowest.ms) this.slowest = { ms, what };
      assert.ok(ms < maxMs, `${what} took ${ms} ms`);
    }
  }
}
