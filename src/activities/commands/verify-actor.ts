import type { ActorKeys } from '../../identity/actor-keys.js';
import { verifyProof } from '../../identity/verify-proof.js';
import type { RolloutActivities } from '../interface/activities.js';

/** `keys`: null where the worker has none. */
export function createVerifyActor(keys: ActorKeys | null): RolloutActivities['verifyActor'] {
  return async ({ statement, proof, at }) => {
    try {
      return await verifyProof(keys, statement, proof, new Date(at));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { kind: 'unverifiable', message: `its proof could not be checked: ${why}` };
    }
  };
}
