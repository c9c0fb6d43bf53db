/** Guardrails whose failure rolls back, and those whose failure is only reported. Pure. */
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { Verdict } from './verdict.js';

/** Marks the failures of guardrails that are only reported. */
export function withOnFail(guardrails: Guardrail[], verdicts: Verdict[]): Verdict[] {
  const reported = new Set(guardrails.flatMap(({ id, onFail }) => (onFail === 'report' ? [id] : [])));
  if (reported.size === 0) return verdicts;
  return verdicts.map((verdict) =>
    verdict.result === 'fail' && reported.has(verdict.guardrail) ? { ...verdict, onFail: 'report' } : verdict,
  );
}

type JudgedResult = Pick<Verdict, 'result'> & { onFail?: Verdict['onFail'] | undefined };

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
