/** Where in a rollout something is killed: once in each phase, with an answer of AWS just then on its way to the worker. */
import { setTimeout as delay } from 'node:timers/promises';
import { NoWorker, TemporalUnreachable } from '../../../src/client.js';
import type { Phase } from '../../../src/plan/outcome.js';
import type { Running } from '../../e2e/running.js';
import type { Stage } from '../../e2e/stage.js';

export interface Moment {
  phase: Phase;
  /** The operation that has taken effect, and whose answer reaches the worker while Temporal is away. */
  holds?: string;
  /** What happens in this phase, after the kill where there is one. */
  then?: (stage: Stage, endpoint: string) => Promise<unknown>;
}

export function phasesOf(moments: Moment[]): Phase[] {
  return [...new Set(moments.map(({ phase }) => phase))];
}

/** Kills and brings back; `meanwhile` happens while it is away. */
export type Kill = (meanwhile?: () => void) => Promise<void>;

/** Goes through the moments, and kills in those whose phase was drawn. */
export async function killInPhases(
  stage: Stage,
  rollout: Running,
  moments: Moment[],
  drawn: ReadonlySet<Phase>,
  kill: Kill,
): Promise<void> {
  const { endpoint } = rollout;
  for (const { phase, holds, then } of moments) {
    const held = drawn.has(phase) && holds !== undefined ? await untilHeld(stage, holds, endpoint) : null;
    if (drawn.has(phase) || then) await insist(() => rollout.phase(phase));
    if (drawn.has(phase)) await kill(() => held !== null && stage.emulator.held.release(held));
    await insist(() => Promise.resolve(then?.(stage, endpoint)));
  }
}

/** Answers that are held, and for whom. */
const claimed = new WeakMap<Stage, Set<number>>();

/** Resolves with the id of the answer that the worker waits for. */
async function untilHeld(stage: Stage, operation: string, about: string): Promise<number> {
  const { faults, held } = stage.emulator;
  const taken = claimed.get(stage) ?? new Set();
  claimed.set(stage, taken);
  faults.add({ operation, kind: 'holdResponse', about });
  for (;;) {
    const found = held.list().find((each) => each.operation === operation && !taken.has(each.id));
    if (!found) await delay(50);
    else {
      taken.add(found.id);
      return found.id;
    }
  }
}

/** As often as it takes: who asks while Temporal or a worker is on its way gets no answer. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoWorker || error instanceof TemporalUnreachable)) throw error;
      await delay(300);
    }
  }
}
