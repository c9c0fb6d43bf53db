/** Deletes what the rollout made and nobody needs any more; models and training output stay. */
import { allowedSeconds } from '../../plan/schedule/timeouts.js';
import type { Role } from '../../plan/compiled/role.js';
import { activities } from '../temporal/activity-proxy.js';
import type { Rollout } from '../run/context.js';
import { failureCause } from '../temporal/stop.js';

/** Call only after the endpoint was verified on another config. Returns what could not be deleted, by name. */
export async function removeLosers(run: Rollout, loser: Role): Promise<string[]> {
  const { state } = run;
  const { endpoint, rolloutId, topology, steps } = state.frozen;
  const { names } = state;
  const leftovers: string[] = [];
  const remove = async (what: string, attempt: () => Promise<void>) => {
    const failed = await attempt().then(() => null, sentenceOfFailure);
    if (failed === null) return;
    state.note({ kind: 'decision', sentence: `could not delete ${what}: ${failed}` });
    leftovers.push(what);
  };
  if (topology === 'endpoints') {
    const candidate = names.candidateEndpoint;
    await remove(`endpoint ${candidate}`, () => deleteEndpoint(rolloutId, candidate));
  }
  const hadShadow = steps.some((step) => step.kind === 'deploy' && step.arrangement.kind === 'shadow');
  const made = topology === 'endpoints' ? names.candidateConfig : names.bothConfig;
  const configs = [made, ...(hadShadow ? [names.shadowConfig] : []), names.onlyConfig[loser]];
  // Where a new endpoint never came into service nobody has won.
  const own = names.onlyConfig.baseline;
  if (state.observation === null && loser === 'candidate' && state.made.includes(`endpoint config ${own}`))
    configs.push(own);
  for (const configName of configs) {
    const at = configName === names.candidateConfig ? names.candidateEndpoint : endpoint;
    await remove(`endpoint config ${configName}`, () => deleteConfig(rolloutId, configName, at));
  }
  return leftovers;
}

function deleteEndpoint(rolloutId: string, endpoint: string): Promise<void> {
  const { deleteEndpoint } = activities({
    within: allowedSeconds.deleteEndpoint,
    summary: `delete endpoint ${endpoint}`,
  });
  return deleteEndpoint({ rolloutId, endpoint });
}

function deleteConfig(rolloutId: string, configName: string, endpoint: string): Promise<void> {
  const { deleteConfig } = activities({
    within: allowedSeconds.deleteConfig,
    summary: `delete config ${configName}`,
  });
  return deleteConfig({ rolloutId, configName, endpoint });
}

function sentenceOfFailure(error: unknown): string {
  const cause = failureCause(error);
  if (!cause) throw error;
  return cause.sentence;
}
