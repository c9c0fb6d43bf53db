/** Whether a proof shows that the actor has sent a command. Whatever is not shown is not verified. */
import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { KeyObject } from 'node:crypto';
import type { ActorKeys } from './actor-keys.js';
import {
  algorithm,
  audience,
  claimsOf,
  leewaySeconds,
  lifetimeSeconds,
  type SignedCommand,
} from './signed-command.js';

/**
 * `wrong`: the proof is there, and is not one for this. `unknown`: nobody here can say. By `expiresAt`
 * (ISO 8601) it has expired: who keeps the ids of those used until then can tell a second use.
 */
export type ProofVerification =
  | { kind: 'verified'; proofId: string; expiresAt: string }
  | { kind: 'invalid'; message: string }
  | { kind: 'unverifiable'; message: string };

export async function verifyProof(
  keys: ActorKeys | null,
  statement: SignedCommand,
  proof: string,
  at: Date,
): Promise<ProofVerification> {
  const { actor } = statement;
  if (keys === null) return { kind: 'unverifiable', message: 'the worker has no public keys of actors' };
  const own = keys.of(actor);
  if (own.length === 0) return { kind: 'unverifiable', message: `the worker has no public key of ${actor}` };
  for (const key of own) {
    try {
      return judgeClaims(await verify(proof, key, statement, at), statement);
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      if (error instanceof errors.JOSEError) return { kind: 'invalid', message: describeJoseError(error) };
      throw error;
    }
  }
  return { kind: 'invalid', message: `it is not signed with a key of ${actor}` };
}

async function verify(
  proof: string,
  key: KeyObject,
  { actor }: SignedCommand,
  at: Date,
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(proof, key, {
    algorithms: [algorithm],
    audience,
    subject: actor,
    currentDate: at,
    clockTolerance: leewaySeconds,
    maxTokenAge: lifetimeSeconds,
    requiredClaims: ['exp', 'jti'],
  });
  return payload;
}

function judgeClaims(payload: JWTPayload, statement: SignedCommand): ProofVerification {
  const { wf, run, cmd, arg } = claimsOf(statement);
  if (payload['wf'] !== wf || payload['run'] !== run)
    return { kind: 'invalid', message: 'it was made for another rollout' };
  if (payload['cmd'] !== cmd) return { kind: 'invalid', message: 'it was made for another command' };
  if (payload['arg'] !== arg)
    return { kind: 'invalid', message: 'the reason is not the one that was signed' };
  const { jti, iat } = payload;
  if (typeof jti !== 'string' || typeof iat !== 'number') return { kind: 'invalid', message: noProof };
  const expiresAt = new Date((iat + lifetimeSeconds + 2 * leewaySeconds) * 1000).toISOString();
  return { kind: 'verified', proofId: jti, expiresAt };
}

const noProof = 'it is no JWS, signed with Ed25519 (EdDSA), that says who, what and until when';

function describeJoseError(error: InstanceType<typeof errors.JOSEError>): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    if (error.claim === 'sub') return "it is another actor's";
    if (error.claim === 'iat') return 'it is from the future; look at the clock of who signed it';
  }
  return noProof;
}
