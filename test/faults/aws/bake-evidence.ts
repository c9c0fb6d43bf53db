/** Checks the evidence of a promotion: complete CloudWatch data in every bake, and before the baseline was removed. */
import type { Guardrail } from '../../../src/plan/compiled/guardrail.js';
import type { TimelineEntry } from '../../../src/workflows/messages.js';
import type { Evidence } from './run-scenario.js';

const bakeMs = 240_000;

interface Span {
  from: number;
  to: number;
  entries: TimelineEntry[];
}

export function findUnprovenPromotion(evidence: Evidence): string[] {
  const bakes = spansOf(evidence.timeline, 'baking');
  if (bakes.length === 0) return ['promoted without a bake'];
  return [...bakes.flatMap((bake) => findIncompleteBake(evidence, bake)), ...findUncheckedAlarms(evidence)];
}

function findIncompleteBake(evidence: Evidence, bake: Span): string[] {
  const problems: string[] = [];
  const last = bake.entries.findLast((entry) => entry.kind === 'verdict');
  const verdicts = last?.verdicts ?? [];
  if (!last?.message.startsWith('clear')) problems.push(`the bake ended with ${last?.message}`);
  if (verdicts.length !== guardrailsOf(evidence).length) problems.push(`${verdicts.length} verdicts`);
  for (const { result, guardrail, evidence: seen } of verdicts) {
    // Windows after the planned ones are judged for as long as the rollout holds.
    const isWhole = (seen.windowsJudged ?? 0) >= (seen.windowsPlanned ?? Infinity);
    if (result !== 'pass') problems.push(`promoted although ${guardrail} is ${result}`);
    if (!isWhole) problems.push(`promoted although windows of ${guardrail} were not judged`);
  }
  for (const operation of ['GetMetricData', 'DescribeAlarms', 'DescribeEndpoint'])
    if (!isAnswered(evidence, operation, bake.from + bakeMs, bake.to))
      problems.push(`${operation} was not answered after the bake's last window`);
  return problems;
}

/** The final check before the baseline is removed. */
function findUncheckedAlarms(evidence: Evidence): string[] {
  const whole = evidence.timeline.findLast((entry) => entry.kind === 'weights');
  const alone = evidence.timeline.findLast((entry) => entry.kind === 'phase' && entry.phase === 'promoting');
  if (!whole || !alone) return ['promoted without a step to it'];
  const isSeen = isAnswered(evidence, 'DescribeAlarms', Date.parse(whole.at), Date.parse(alone.at));
  return isSeen ? [] : ['the alarms were not checked before the baseline was removed'];
}

function isAnswered({ calls }: Evidence, operation: string, from: number, to: number): boolean {
  return calls.some(
    (call) => call.operation === operation && call.outcome === 'ok' && call.at >= from && call.at <= to,
  );
}

function guardrailsOf({ scenario, endpoint }: Evidence): Guardrail[] {
  return (scenario.fields(endpoint) as { guardrails: Guardrail[] }).guardrails;
}

function spansOf(timeline: TimelineEntry[], phase: string): Span[] {
  const starts = timeline.flatMap((entry, index) => (entry.kind === 'phase' ? [{ entry, index }] : []));
  return starts.flatMap(({ entry, index }, at) => {
    const next = starts[at + 1];
    if (entry.phase !== phase || !next) return [];
    const entries = timeline.slice(index, next.index);
    return [{ from: Date.parse(entry.at), to: Date.parse(next.entry.at), entries }];
  });
}
