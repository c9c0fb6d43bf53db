/** Replay protection: each proof counts once. Used proofs are remembered until they expire, over all runs. Pure. */
import type { ProofVerification } from '../../activities/interface/results.js';

export interface UsedProof {
  actor: string;
  id: string;
  /** ISO 8601: when the proof expires. */
  until: string;
}

export class ProofReplayGuard {
  constructor(private readonly uses: UsedProof[] = []) {}

  /** Returns the finding, or `invalid` if the proof was used before. Marks the proof as used. */
  use(actor: string, finding: ProofVerification): ProofVerification {
    if (finding.kind !== 'verified') return finding;
    const { proofId: id, expiresAt: until } = finding;
    if (this.uses.some((used) => used.actor === actor && used.id === id))
      return { kind: 'invalid', message: 'it was used before' };
    this.uses.push({ actor, id, until });
    return finding;
  }

  /** For continue-as-new only: a check that is still running could need an expired entry. */
  unexpiredAt(nowMs: number): UsedProof[] {
    return this.uses.filter(({ until }) => Date.parse(until) > nowMs);
  }
}
