import { globPattern } from '../world/globs.js';

/** How a simulated model behaves. Rates are fractions from 0 to 1 of all requests; they exclude one another. */
export interface Behaviour {
  /** Model name or serving image (`simulated/NAME`); `*` stands for any characters. */
  model: string;
  /** The container answers 500: counts in Invocation5XXErrors and InvocationModelErrors. */
  errorRate?: number;
  /** The container answers 400: counts in Invocation4XXErrors and InvocationModelErrors. */
  clientErrorRate?: number;
  /** The container breaks the connection: counts in InvocationModelErrors alone. */
  modelErrorRate?: number;
  /** Log-normal with these percentiles. */
  latencyMs?: { p50: number; p99: number };
  /** JSON answer to a real request. */
  response?: unknown;
}

const plain: Omit<Behaviour, 'model'> = { latencyMs: { p50: 20, p99: 60 } };

/** Behaviours by pattern; the one set last wins where several match. */
export class Behaviours {
  private entries: { behaviour: Behaviour; pattern: RegExp }[] = [];

  constructor(behaviours: Behaviour[]) {
    for (const behaviour of behaviours) this.set(behaviour);
  }

  set(behaviour: Behaviour): void {
    this.entries = this.entries.filter((entry) => entry.behaviour.model !== behaviour.model);
    this.entries.unshift({ behaviour, pattern: globPattern(behaviour.model) });
  }

  of(model: { name: string; image: string }): Omit<Behaviour, 'model'> {
    const found = this.entries.find(
      ({ pattern }) => pattern.test(model.name) || pattern.test(model.image),
    )?.behaviour;
    return { ...plain, ...found };
  }
}
