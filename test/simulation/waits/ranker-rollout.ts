/** The rollout of endpoint `ranker` that the tests of this folder play. */
import assert from 'node:assert/strict';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { statusQuery, type RolloutResult, type RolloutStatus } from '../../../src/workflows/messages.js';
import { rolloutResult } from '../../support/rollout-result.js';

export const endpoint = 'ranker';
export const workflowId = `rollout:${endpoint}`;
export const minuteMs = 60_000;

export const status = ({ temporal }: Simulation): Promise<RolloutStatus> =>
  temporal.handle(workflowId).query(statusQuery);

export const resultOf = ({ temporal }: Simulation): Promise<RolloutResult> =>
  rolloutResult(temporal.handle(workflowId).result());

/** Lets time pass, and returns the result if the rollout has ended. */
export async function resultAfter(simulation: Simulation, ms: number): Promise<RolloutResult | null> {
  await simulation.temporal.skip(ms);
  return simulation.temporal.latest(workflowId).end === null ? null : resultOf(simulation);
}

/** Lets time pass until the status is so. */
export async function until(
  simulation: Simulation,
  isTrue: (now: RolloutStatus) => boolean,
): Promise<RolloutStatus> {
  for (let minute = 0; minute < 600; minute += 1) {
    const now = await status(simulation);
    if (isTrue(now)) return now;
    await simulation.temporal.skip(minuteMs);
  }
  return assert.fail(`not within ten hours: ${JSON.stringify(await status(simulation))}`);
}
