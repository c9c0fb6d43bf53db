/** The times without a worker. */
import type { SimulatedTemporal } from '../../../../src/simulation/temporal/simulated-temporal.js';
import type { Span } from './record.js';

export class WorkerLives {
  readonly down: Span[] = [];
  private untilMs = 0;

  constructor(private readonly temporal: SimulatedTemporal) {}

  /** Dies now, and the next one starts after that time. If none is up, the next one starts later. */
  kill(forSeconds: number): void {
    const { clock, worker } = this.temporal;
    const untilMs = clock.nowMs + forSeconds * 1000;
    if (worker.isUp) this.down.push({ fromMs: clock.nowMs, toMs: untilMs });
    worker.kill();
    if (untilMs <= this.untilMs) return;
    this.untilMs = untilMs;
    const last = this.down.at(-1);
    if (last) last.toMs = untilMs;
    clock.at(untilMs, () => {
      if (clock.nowMs >= this.untilMs) worker.start();
    });
  }

  get upMs(): number {
    return this.untilMs;
  }
}
