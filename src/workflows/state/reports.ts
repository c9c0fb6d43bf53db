/** Rules for showing the report of a watch to people. Pure. */
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { TimelineEntry, WatchMode } from '../messages.js';

/**
 * A check between steps judges only some guardrails, and beside a wait or a change windows begin again. The verdicts of
 * the last bake remain until there are new ones.
 */
export function mergeVerdicts(known: Verdict[], reported: Verdict[], mode: WatchMode | null): Verdict[] {
  const ids = new Set(known.map(({ guardrail }) => guardrail));
  const fresh = reported.filter(
    ({ guardrail, reason }) => mode === 'baking' || reason !== 'awaitingFirstWindow' || !ids.has(guardrail),
  );
  const replaced = new Set(fresh.map(({ guardrail }) => guardrail));
  return [...known.filter(({ guardrail }) => !replaced.has(guardrail)), ...fresh];
}

/** Whether the last verdicts in the timeline were unknown for the same reasons. A long wait reports them each round. */
export function repeatsUnknown(
  timeline: readonly TimelineEntry[],
  { kind, verdicts }: Pick<WatchReport, 'kind' | 'verdicts'>,
): boolean {
  const last = timeline.findLast((entry) => entry.kind === 'verdict');
  if (kind !== 'undecided' || last?.kind !== 'verdict' || last.report !== 'undecided') return false;
  return reasonsOf(last.verdicts) === reasonsOf(verdicts);
}

function reasonsOf(verdicts: Verdict[]): string {
  const unknown = verdicts.filter(({ result }) => result !== 'pass');
  return unknown.map(({ guardrail, reason }) => `${guardrail} ${reason}`).join();
}
