import type { ActorKeys } from '../../identity/actor-keys.js';
import { judgeProof } from '../../identity/verify-proof.js';
import type { RolloutActivities } from '../interface/activities.js';

/** `keys`: null where the worker has none. */
export function createVerifyActor(keys: ActorKeys | null): Pick<RolloutActivities, 'verifyActor'> {
  return {
    verifyActor: async ({ statement, proof, at }) => {
      try {
        return await judgeProof(keys, statement, proof, new Date(at));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { kind: 'unknown', sentence: `its proof could not be checked: ${why}` };
      }
    },
  };
}
