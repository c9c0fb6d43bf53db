/** Faults of the worker's own calls. Calls of other people are not affected. */
import type { Fault } from '../../../../src/emulator/account/faults.js';
import type { InProcessEmulator } from '../../../../src/emulator/in-process.js';
import type { Simulation } from '../../../../src/simulation/simulation.js';
import type { Happening } from '../scenario.js';
import { serviceOf } from '../services.js';
import type { Hit } from './record.js';

type CallFault = Extract<Happening, { kind: 'fault' }>;
type ServiceAway = Extract<Happening, { kind: 'serviceAway' }>;
export type WorkerFault = Extract<
  Happening,
  { kind: 'fault' | 'serviceAway' | 'wrongAccount' | 'workerDiesInCall' }
>;
type Death = Extract<Happening, { kind: 'workerDiesInCall' }>;

/** The SDK and Temporal wait before they try again. */
const backoffMs = 30_000;
/** A longer one would count as a rollout that does not end. */
const maxLateAbsenceSeconds = 900;

export class WorkerFaults {
  readonly hits: Hit[] = [];
  private readonly armed: (CallFault & { seen: number; hits: number })[] = [];
  private readonly deaths: (Death & { seen: number })[] = [];
  private readonly away: (ServiceAway & { untilMs: number })[] = [];
  private wrongAccountUntilMs = 0;
  private lastArmed: number | null = null;

  constructor(
    private readonly simulation: Simulation,
    /** The account of wrong credentials: nothing that the rollout names exists there. */
    private readonly elsewhere: InProcessEmulator,
    private readonly kill: (forSeconds: number) => void,
  ) {}

  add(happening: WorkerFault): void {
    const untilMs = (seconds: number) => this.nowMs() + seconds * 1000;
    switch (happening.kind) {
      case 'fault':
        this.armed.push({ ...happening, seen: 0, hits: 0 });
        return;
      case 'serviceAway':
        this.away.push({ ...happening, untilMs: untilMs(happening.forSeconds) });
        return;
      case 'wrongAccount':
        this.wrongAccountUntilMs = Math.max(this.wrongAccountUntilMs, untilMs(happening.forSeconds));
        return;
      case 'workerDiesInCall':
        this.deaths.push({ ...happening, seen: 0 });
        return;
    }
  }

  /** After the last event, services are there again. Faults of single calls stay: calls at the end of a rollout are late. */
  calm(): void {
    const deaths = this.deaths.splice(0);
    this.deaths.push(...deaths.filter(({ forSeconds }) => forSeconds <= maxLateAbsenceSeconds));
    this.away.length = 0;
    this.wrongAccountUntilMs = 0;
  }

  /** Called by the worker's network. */
  before({ operation }: { operation: string }): void {
    this.disarm();
    this.die(operation, 'before');
    const isElsewhere = this.nowMs() < this.wrongAccountUntilMs;
    this.simulation.network.account = isElsewhere ? this.elsewhere : null;
    if (isElsewhere) {
      this.hit(operation, 'wrongAccount', 0);
      return;
    }
    const service = serviceOf(operation);
    const away = this.away.find((each) => each.service === service && this.nowMs() < each.untilMs);
    const due = this.armed.filter((each) => each.operation === operation && ++each.seen >= each.nth);
    const single = due.find(({ hits, count }) => hits < count);
    if (away) this.arm(operation, { kind: away.fault });
    else if (single) {
      single.hits++;
      const { fault: kind, data, seconds } = single;
      this.arm(operation, { kind, seconds, ...(data === undefined ? {} : { data }) });
    }
  }

  /** Called by the worker's network. */
  after({ operation }: { operation: string }): void {
    this.disarm();
    this.die(operation, 'after');
  }

  /** The call that follows takes the fault. */
  private arm(operation: string, fault: Omit<Fault, 'operation'>): void {
    this.lastArmed = this.simulation.emulator.faults.add({ operation, ...fault });
    const waitsMs = /^(timeout|slow)/.test(fault.kind) ? (fault.seconds ?? 5) * 1000 : 0;
    this.hit(operation, fault.kind, waitsMs);
  }

  /** A call that is rejected for another reason does not take its fault. */
  private disarm(): void {
    if (this.lastArmed !== null) this.simulation.emulator.faults.clear(this.lastArmed);
    this.lastArmed = null;
  }

  private die(operation: string, stage: Death['stage']): void {
    const index = this.deaths.findIndex(
      (each) => each.operation === operation && each.stage === stage && ++each.seen >= each.nth,
    );
    const [death] = index < 0 ? [] : this.deaths.splice(index, 1);
    if (death) this.kill(death.forSeconds);
  }

  private hit(operation: string, fault: Hit['fault'], waitsMs: number): void {
    const nowMs = this.nowMs();
    this.hits.push({ operation, fault, fromMs: nowMs, toMs: nowMs + waitsMs + backoffMs });
  }

  private nowMs(): number {
    return this.simulation.temporal.clock.nowMs;
  }
}
