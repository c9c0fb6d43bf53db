/** Proofs are good once: which were used, for as long as they would be good. Kept over the runs of one rollout. Pure. */
import type { ProofVerification } from '../../activities/interface/results.js';

export interface UsedProof {
  actor: string;
  id: string;
  /** ISO 8601: by then it has expired. */
  until: string;
}

export class ProofReplayGuard {
  constructor(private readonly uses: UsedProof[] = []) {}

  /** What was found, unless the proof was used before; from now on it was. */
  use(actor: string, finding: ProofVerification): ProofVerification {
    if (finding.kind !== 'verified') return finding;
    const { proofId: id, expiresAt: until } = finding;
    if (this.uses.some((used) => used.actor === actor && used.id === id))
      return { kind: 'invalid', message: 'it was used before' };
    this.uses.push({ actor, id, until });
    return finding;
  }

  /** For a new run, where no proof is being checked: one that came before another expired may still be looked up here. */
  unexpiredAt(nowMs: number): UsedProof[] {
    return this.uses.filter(({ until }) => Date.parse(until) > nowMs);
  }
}
