/** AgendaWork that a rehearsal does at moments of simulated time, between two steps of the simulation. */
import type { SimulatedClock } from '../../simulation/clock.js';

type AgendaWork = () => Promise<void>;

export class Agenda {
  private entries: { atMs: number; work: AgendaWork }[] = [];

  constructor(private readonly clock: SimulatedClock) {}

  /** `atMs`: milliseconds since the epoch. A moment that has passed means now. */
  add(atMs: number, work: AgendaWork): void {
    this.entries.push({ atMs, work });
    this.entries.sort((a, b) => a.atMs - b.atMs);
    // Simulated time steps from event to event, so it must have one at this moment.
    this.clock.at(atMs, () => undefined);
  }

  get isDue(): boolean {
    const [first] = this.entries;
    return first !== undefined && first.atMs <= this.clock.nowMs;
  }

  async runDue(): Promise<void> {
    while (this.isDue) await this.entries.shift()?.work();
  }
}
