/** Proofs are good once: which were used, for as long as they would be good. Kept over the runs of one rollout. Pure. */
import type { ProofFinding } from '../../activities/interface/results.js';

export interface UsedProof {
  actor: string;
  id: string;
  /** ISO 8601: by then it has expired. */
  until: string;
}

export class UsedProofs {
  constructor(private readonly uses: UsedProof[] = []) {}

  /** What was found, unless the proof was used before; from now on it was. */
  use(actor: string, finding: ProofFinding): ProofFinding {
    if (finding.kind !== 'verified') return finding;
    const { proofId: id, freshUntil: until } = finding;
    if (this.uses.some((used) => used.actor === actor && used.id === id))
      return { kind: 'wrong', sentence: 'it was used before' };
    this.uses.push({ actor, id, until });
    return finding;
  }

  /** For a new run, where no proof is being checked: one that came before another expired may still be looked up here. */
  freshAt(nowMs: number): UsedProof[] {
    return this.uses.filter(({ until }) => Date.parse(until) > nowMs);
  }
}
