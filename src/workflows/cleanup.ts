/** Deletes what the rollout made and nobody needs any more; models and training output stay. */
import type { Role } from '../plan/plan.js';
import { allowedSeconds } from '../plan/allowances.js';
import { activities } from './acts.js';
import type { Rollout } from './run.js';
import { failureCause } from './stop.js';

/** Call only after the endpoint was verified on another config. Returns what could not be deleted, by name. */
export async function deleteConfigs({ state }: Rollout, loser: Role): Promise<string[]> {
  const { endpoint, rolloutId } = state.frozen;
  const leftovers: string[] = [];
  for (const configName of [state.names.bothConfig, state.names.onlyConfig[loser]]) {
    const { deleteConfig } = activities({
      within: allowedSeconds.deleteConfig,
      summary: `delete config ${configName}`,
    });
    try {
      await deleteConfig({ rolloutId, configName, endpoint });
    } catch (error) {
      const cause = failureCause(error);
      if (!cause) throw error;
      state.note({ kind: 'decision', sentence: `could not delete config ${configName}: ${cause.sentence}` });
      leftovers.push(`endpoint config ${configName}`);
    }
  }
  return leftovers;
}
