/** Checks endpoint, models, names and alarms before the rollout changes anything. */
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import type { RolloutContext } from '../run/context.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { recordStartAccount } from '../temporal/start-account.js';

export async function runPreflight({ state, notifications }: RolloutContext): Promise<void> {
  state.enterPhase('preflight', 'checking endpoint, models, names and alarms; nothing is changed');
  const { preflight } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.preflight,
    summary: 'check endpoint, models, names and alarms',
  });
  state.starting = await preflight({ plan: state.plan });
  const { startedIn, warnings = [] } = state.starting;
  for (const message of warnings) state.addTimelineEntry({ kind: 'warning', message });
  if (startedIn !== undefined) recordStartAccount(startedIn, state.plan.endpoint);
  notifications.send('started', `${state.startedBy} started ${state.plan.strategy} on ${state.endpoint}`);
}
