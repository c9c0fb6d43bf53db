/** Records the outcome on the candidate's version in the model registry. */
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import type { Outcome } from '../../plan/outcome.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { RolloutContext } from '../run/context.js';
import { failureOf } from '../temporal/stop.js';
import { withLateWorker } from '../temporal/unanswered.js';

/**
 * Only tidying, so a failure changes no outcome. Returns the names of records that it could not write. Call only after the
 * endpoint is verified, or if an operator is paged.
 */
export async function writeBackOutcome({ state }: RolloutContext, outcome: Outcome): Promise<string[]> {
  const { rolloutId, endpoint, writeBack } = state.plan;
  const versionArn = state.versionOf('candidate');
  if (!writeBack || versionArn === null) return [];
  const { writeBackVersion } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.writeBack,
    summary: `record the outcome on ${versionArn}`,
  });
  const endedAt = new Date().toISOString();
  try {
    await withLateWorker(() =>
      writeBackVersion({ versionArn, rolloutId, endpoint, outcome, endedAt, writeBack }),
    );
    return [];
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    const message = `could not record the outcome on model package ${versionArn}: ${cause.message}`;
    state.addTimelineEntry({ kind: 'decision', message });
    return [`record of the outcome on model package ${versionArn}`];
  }
}
