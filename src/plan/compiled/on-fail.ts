/** Guardrails whose failure rolls back, and those whose failure is only reported. Pure. */
import type { Guardrail } from './guardrail.js';

interface JudgedResult {
  result: 'pass' | 'fail' | 'inconclusive' | 'error';
  onFail?: 'report' | undefined;
}

/** Marks the failures of guardrails that are only reported. */
export function withOnFail<V extends JudgedResult & { guardrail: string }>(
  guardrails: Guardrail[],
  verdicts: V[],
): V[] {
  const reported = new Set(guardrails.flatMap(({ id, onFail }) => (onFail === 'report' ? [id] : [])));
  if (reported.size === 0) return verdicts;
  return verdicts.map((verdict) =>
    verdict.result === 'fail' && reported.has(verdict.guardrail) ? { ...verdict, onFail: 'report' } : verdict,
  );
}

export function isReported({ result, onFail }: JudgedResult): boolean {
  return result === 'fail' && onFail === 'report';
}

export function endsRollout(verdict: JudgedResult): boolean {
  return verdict.result === 'fail' && !isReported(verdict);
}

/** Neither fails nor is unknown, as far as the rollout is concerned. */
export function countsAsPass(verdict: JudgedResult): boolean {
  return verdict.result === 'pass' || isReported(verdict);
}
