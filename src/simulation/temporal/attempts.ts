/**
 * Attempts of activities that are in progress. Simulated time must not pass while one of them works, and must pass while
 * all of them wait for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SimulatedClock } from '../clock.js';

export class Attempts {
  private working = 0;
  private waiters: (() => void)[] = [];
  private readonly attempt = new AsyncLocalStorage<object>();

  constructor(private readonly clock: SimulatedClock) {}

  /** Runs one attempt. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.working++;
    try {
      return await this.attempt.run({}, work);
    } finally {
      this.rest();
    }
  }

  /** Waits for simulated time, within an attempt or outside. */
  async sleep(ms: number): Promise<void> {
    if (this.attempt.getStore() === undefined) return this.clock.sleep(ms);
    this.rest();
    await this.clock.sleep(ms);
    this.working++;
  }

  /** Resolves when every attempt has ended or waits for simulated time. */
  async idle(): Promise<void> {
    while (this.working > 0) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  private rest(): void {
    this.working--;
    if (this.working > 0) return;
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}
