import type { ActorKeys } from '../../identity/actor-keys.js';
import { verifyProof } from '../../identity/verify-proof.js';
import type { RolloutActivities } from '../interface/activities.js';

/** `keys: null`: the worker has no keys. */
export function createVerifyActor(keys: ActorKeys | null): RolloutActivities['verifyActor'] {
  return async ({ statement, proof, at }) => {
    try {
      return await verifyProof(keys, statement, proof, new Date(at));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'unverifiable', message: `could not verify the signature: ${reason}` };
    }
  };
}
