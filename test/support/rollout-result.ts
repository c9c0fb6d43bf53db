/** How a rollout has ended, also if its workflow has failed with the result. */
import { WorkflowFailedError } from '@temporalio/client';
import { resultInFailure, type RolloutResult } from '../../src/workflows/messages.js';

export async function rolloutResult(ended: Promise<unknown>): Promise<RolloutResult> {
  try {
    return (await ended) as RolloutResult;
  } catch (error) {
    const result = error instanceof WorkflowFailedError ? resultInFailure(error.cause) : null;
    if (result === null) throw error;
    return result;
  }
}
