/** Where in a rollout something is killed: once in each phase, with an answer of AWS just then on its way to the worker. */
import { setTimeout as delay } from 'node:timers/promises';
import { NoWorker, TemporalUnreachable } from '../../../src/client.js';
import type { Phase } from '../../../src/plan/outcome.js';
import type { Running } from '../../e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';

export interface Moment {
  phase: Phase;
  /** The operation that has taken effect, and whose answer reaches the worker while Temporal is away. */
  holds?: string;
  /** What happens in this phase, after the kill where there is one. */
  then?: (stage: E2eEnvironment, endpoint: string) => Promise<unknown>;
}

export function phasesOf(moments: Moment[]): Phase[] {
  return [...new Set(moments.map(({ phase }) => phase))];
}

/** Kills and brings back; `meanwhile` happens while it is away. */
export type Kill = (meanwhile?: () => void) => Promise<void>;

/** Goes through the moments, and kills in those whose phase was drawn. One rollout at a time: an answer that is held has no name. */
export async function killInPhases(
  stage: E2eEnvironment,
  rollout: Running,
  moments: Moment[],
  drawn: ReadonlySet<Phase>,
  kill: Kill,
): Promise<void> {
  const { endpoint } = rollout;
  const hold = (moment: Moment | undefined) => {
    const operation = moment && drawn.has(moment.phase) ? moment.holds : undefined;
    return operation === undefined ? null : holdNext(stage, operation, endpoint);
  };
  let held = hold(moments[0]);
  for (const [index, { phase, then }] of moments.entries()) {
    const id = (await held) ?? null;
    if (drawn.has(phase) || then) await insist(() => rollout.phase(phase));
    // Before this one lets the rollout go on: the next may come at once.
    held = hold(moments[index + 1]);
    if (drawn.has(phase)) await kill(() => id !== null && stage.emulator.held.release(id));
    await insist(() => Promise.resolve(then?.(stage, endpoint)));
  }
}

/** Of the next such call; resolves with the id of the answer that the worker then waits for. */
async function holdNext({ emulator }: E2eEnvironment, operation: string, about: string): Promise<number> {
  emulator.faults.add({ operation, kind: 'holdResponse', about });
  for (;;) {
    const found = emulator.held.list().find((each) => each.operation === operation);
    if (found) return found.id;
    await delay(50);
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
