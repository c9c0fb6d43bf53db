/** Verifies that an actor has signed a command. */
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
 * `invalid`: the proof does not match this command. `unverifiable`: this worker has no key of the actor. A proof
 * expires at `expiresAt` (ISO 8601). The caller keeps the ids of used proofs until then, to detect a second use.
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
    return { kind: 'invalid', message: 'the reason or `full` is not the one that was signed' };
  const { jti, iat } = payload;
  if (typeof jti !== 'string' || typeof iat !== 'number') return { kind: 'invalid', message: noProof };
  const expiresAt = new Date((iat + lifetimeSeconds + 2 * leewaySeconds) * 1000).toISOString();
  return { kind: 'verified', proofId: jti, expiresAt };
}

const noProof = 'it is not a JWS signed with Ed25519 (EdDSA) with all required claims';

function describeJoseError(error: InstanceType<typeof errors.JOSEError>): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    if (error.claim === 'sub') return 'it is from another actor';
    if (error.claim === 'iat') return 'it is from the future; check the clock of the machine that signed it';
  }
  return noProof;
}
