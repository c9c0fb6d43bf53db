/** The moments of a rollout at which a program is killed: once in each phase, while a response of AWS is in flight. */
import { setTimeout as delay } from 'node:timers/promises';
import { NoWorker, TemporalUnreachable } from '../../../src/client.js';
import type { Phase } from '../../../src/plan/outcome.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';

export interface Moment {
  phase: Phase;
  /** An operation that has taken effect. Its response reaches the worker while Temporal is down. */
  holds?: string;
  /** An action in this phase. If the program is killed in this phase, the action follows. */
  then?: (environment: E2eEnvironment, endpoint: string) => Promise<unknown>;
}

export function phasesOf(moments: Moment[]): Phase[] {
  return [...new Set(moments.map(({ phase }) => phase))];
}

/** Kills and restarts a program. `meanwhile` runs while the program is down. */
export type Kill = (meanwhile?: () => void) => Promise<void>;

/** Goes through the moments, and kills in the drawn phases. For one rollout at a time: held responses have no name. */
export async function killInPhases(
  environment: E2eEnvironment,
  rollout: RolloutUnderTest,
  moments: Moment[],
  drawn: ReadonlySet<Phase>,
  kill: Kill,
): Promise<void> {
  const { endpoint } = rollout;
  const hold = (moment: Moment | undefined) => {
    const operation = moment && drawn.has(moment.phase) ? moment.holds : undefined;
    return operation === undefined ? null : holdNext(environment, operation, endpoint);
  };
  let held = hold(moments[0]);
  for (const [index, { phase, then }] of moments.entries()) {
    const id = (await held) ?? null;
    if (drawn.has(phase) || then) await retryUntilAnswered(() => rollout.phase(phase));
    // The next response must be held before this one is released: it may come immediately.
    held = hold(moments[index + 1]);
    if (drawn.has(phase)) await kill(() => id !== null && environment.emulator.held.release(id));
    await retryUntilAnswered(() => Promise.resolve(then?.(environment, endpoint)));
  }
}

/** Holds the response of the next call. Resolves with the id of the held response. */
async function holdNext({ emulator }: E2eEnvironment, operation: string, about: string): Promise<number> {
  emulator.faults.add({ operation, kind: 'holdResponse', about });
  for (;;) {
    const found = emulator.held.list().find((each) => each.operation === operation);
    if (found) return found.id;
    await delay(50);
  }
}

/** Retries a request while Temporal or the worker is starting. */
export async function retryUntilAnswered<T>(request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof NoWorker || error instanceof TemporalUnreachable)) throw error;
      await delay(300);
    }
  }
}
