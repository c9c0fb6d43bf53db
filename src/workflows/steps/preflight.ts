/** Checks endpoint, models, names and alarms before the rollout changes anything. */
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import { withVersion } from '../../plan/compiled/model-plan.js';
import type { ChosenVersion } from '../../activities/interface/versions.js';
import type { RolloutContext } from '../run/context.js';
import type { RolloutState } from '../state/state.js';
import { describeChoice } from '../state/describe-choice.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { recordStartAccount } from '../temporal/start-account.js';

export async function runPreflight({ state, notifications }: RolloutContext): Promise<void> {
  state.enterPhase('preflight', 'checking endpoint, models, names and alarms; nothing is changed');
  const { preflight } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.preflight,
    summary: 'check endpoint, models, names and alarms',
  });
  state.starting = await preflight({ plan: state.plan });
  const { startedIn, warnings = [], chosen } = state.starting;
  if (chosen !== undefined) keepVersion(state, chosen);
  for (const message of warnings) state.addTimelineEntry({ kind: 'warning', message });
  if (startedIn !== undefined) recordStartAccount(startedIn, state.plan.endpoint);
  notifications.send('started', `${state.startedBy} started ${state.plan.strategy} on ${state.endpoint}`);
}

/** From here on the plan names the version, so a later approval does not change the rollout. */
function keepVersion(state: RolloutState, chosen: ChosenVersion): void {
  const { models } = state.plan;
  const { candidate } = models;
  if (candidate.kind !== 'group') throw new Error('a version was chosen for a candidate without a group');
  state.compiledPlan = {
    ...state.plan,
    models: { ...models, candidate: withVersion(candidate, chosen.arn) },
  };
  state.addTimelineEntry({ kind: 'decision', message: describeChoice(chosen) });
}
