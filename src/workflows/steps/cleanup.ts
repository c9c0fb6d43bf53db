/** Deletes configs and endpoints that the rollout made and that are not in use. Models and training output stay. */
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import type { Role } from '../../plan/compiled/names.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { RolloutContext } from '../run/context.js';
import type { RolloutState } from '../state/state.js';
import { failureOf } from '../temporal/stop.js';
import { withLateWorker } from '../temporal/unanswered.js';

/**
 * Call only after the endpoint was verified on another config. Returns the names of objects that it could not delete.
 */
export async function deleteUnusedResources(run: RolloutContext, loser: Role): Promise<string[]> {
  const { state } = run;
  const { endpoint, rolloutId, topology, steps } = state.plan;
  const { names } = state;
  const leftovers: string[] = [];
  const remove = async (what: string, attempt: () => Promise<void>) => {
    const failed = await withLateWorker(attempt).then(() => null, describeFailure);
    if (failed === null) return;
    state.addTimelineEntry({ kind: 'decision', message: `could not delete ${what}: ${failed}` });
    leftovers.push(what);
  };
  if (topology === 'endpoints') {
    const candidate = names.candidateEndpoint;
    await remove(`endpoint ${candidate}`, () => deleteEndpoint(rolloutId, candidate, state.isScaled));
  }
  const hadShadow = steps.some((step) => step.kind === 'deploy' && step.arrangement.kind === 'shadow');
  const made = topology === 'endpoints' ? names.candidateConfig : names.sideBySideConfig;
  const { baseline: own, candidate: next } = names.singleConfig;
  // An endpoint that kept its variant without traffic is still on the config of both.
  const [first, last] = state.keptVariant === null ? [made, names.singleConfig[loser]] : [own, next];
  const configs = [first, ...(hadShadow ? [names.shadowConfig] : []), last];
  // A new endpoint that never came into service is deleted, so its first config is unused too.
  if (
    state.observation === null &&
    loser === 'candidate' &&
    state.createdResources.includes(`endpoint config ${own}`)
  )
    configs.push(own);
  for (const configName of configs) {
    const at = configName === names.candidateConfig ? names.candidateEndpoint : endpoint;
    await remove(`endpoint config ${configName}`, () => deleteConfig(rolloutId, configName, at));
  }
  const replaced = loser === 'baseline' ? replacedConfig(state) : null;
  if (replaced?.madeBy) {
    const { madeBy, configName } = replaced;
    await remove(`endpoint config ${configName}`, () => deleteConfig(madeBy, configName, endpoint));
  }
  return leftovers;
}

/** The config that the promotion has replaced. Null: there was none, or it is still in use. */
function replacedConfig({ starting, keptVariant }: RolloutState) {
  return starting?.kind === 'live' && keptVariant === null ? starting : null;
}

/** An owner may need the config for something else, so only one that a rollout made is deleted. */
export function unusedObjects(state: RolloutState): string[] {
  const replaced = state.outcome === 'promoted' ? replacedConfig(state) : null;
  return replaced === null || replaced.madeBy !== null ? [] : [`endpoint config ${replaced.configName}`];
}

function deleteEndpoint(rolloutId: string, endpoint: string, isScaled: boolean): Promise<void> {
  const { deleteEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.deleteEndpoint,
    summary: `delete endpoint ${endpoint}`,
  });
  return deleteEndpoint({ rolloutId, endpoint, isScaled });
}

function deleteConfig(rolloutId: string, configName: string, endpoint: string): Promise<void> {
  const { deleteConfig } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.deleteConfig,
    summary: `delete config ${configName}`,
  });
  return deleteConfig({ rolloutId, configName, endpoint });
}

function describeFailure(error: unknown): string {
  const cause = failureOf(error);
  if (!cause) throw error;
  return cause.message;
}
