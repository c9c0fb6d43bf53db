/** Sends test requests to the candidate before it receives any user traffic. */
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import type { RolloutContext } from '../run/context.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { change } from '../monitoring/change.js';
import { waitUntilAllowed } from './wait-until-allowed.js';

export async function validateCandidate(run: RolloutContext): Promise<void> {
  await waitUntilAllowed(run);
  const { state } = run;
  const { rolloutId, validation } = state.plan;
  if (!validation) throw new Error('a validation step without a validation passed the compiler');
  state.enterPhase('validating', 'sending test requests to the candidate, before any user traffic');
  const { validate } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.validating,
    startToCloseSeconds: 1800,
    // The activity heartbeats after each request.
    heartbeatTimeoutSeconds: 120,
    summary: 'validate the candidate: smoke and golden requests, latency, load',
  });
  const { endpoint, variant } = state.traffic.arms.candidate;
  const report = await change(run, () => validate({ rolloutId, endpoint, variant, validation }));
  state.addTimelineEntry({ kind: 'decision', message: `validated: ${report.message}` });
}
