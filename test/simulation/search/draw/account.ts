/** Draws an account: a live endpoint with its instances, traffic, scaling and errors. */
import type { Dice } from '../dice.js';
import type { Account, Behaviour } from '../scenario.js';

export function drawAccount(dice: Dice): Account {
  const count = dice.weighted([
    [3, 2],
    [2, 1],
    [2, 4],
    [1, 8],
  ]);
  const requestsPerSecond = dice.weighted([
    [5, 40],
    [2, 100],
    [1, 5],
    [1, 0.5],
    [0.3, 0],
  ]);
  return {
    count,
    requestsPerSecond,
    lateMs: dice.pick([5_000, 20_000, 60_000]),
    latencyMs: dice.pick([0, 20, 80, 400]),
    staleReadsMs: dice.weighted([
      [5, 0],
      [1, 3_000],
      [1, 20_000],
    ]),
    // From the fast end of what users report, so that a change needs few polls.
    durations: {
      creating: 90,
      updating: 120,
      shifting: dice.pick([25, 90]),
      scaling: 60,
      rollingBack: 60,
      systemUpdating: 120,
      deleting: 10,
      stuck: 2_400,
    },
    scaling: dice.chance(0.2)
      ? {
          // The present traffic needs the present instances, and is not at the edge to one more.
          targetInvocationsPerInstance: Math.max(1, (60 * requestsPerSecond) / (count - 0.5)),
          minCount: 1,
          maxCount: count + dice.whole(0, 4),
        }
      : null,
    dataCapture: dice.chance(0.15),
    ...{ weight: 1, others: [] },
    baseline: drawBehaviour(dice, 0),
    candidate: drawBehaviour(dice, 0.2),
  };
}

/** `badly`: probability of a model that users must not get for long. */
export function drawBehaviour(dice: Dice, badly: number): Behaviour {
  const isBad = dice.chance(badly);
  return {
    errorRate: isBad ? dice.pick([0.08, 0.3, 1]) : dice.pick([0, 0.0005, 0.003]),
    p50Ms: isBad && dice.chance(0.3) ? 3_000 : dice.pick([10, 30]),
    conversionRate: dice.pick([0.05, 0.1, 0.15]),
  };
}
