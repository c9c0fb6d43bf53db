/** When someone else had changed the endpoint, as far as looks can tell. No I/O, no clock. */

/** ISO 8601, UTC. `to: null`: it still is so. */
export interface DriftSpan {
  from: string;
  to: string | null;
}

/** Carried from look to look. */
export interface DriftHistory {
  /** The last look that found the endpoint as the rollout left it. */
  cleanAt: string;
  spans: DriftSpan[];
}

const maxDriftSpans = 20;

/**
 * A span lasts from the last clean look to the next one: nobody knows when between two looks it began or ended. A look
 * that could not see the endpoint says nothing.
 */
export function updateDriftHistory(
  before: DriftHistory,
  look: { drift: string | null; endpointSeen: boolean; nowMs: number },
): DriftHistory {
  if (!look.endpointSeen) return before;
  const { cleanAt, spans } = before;
  const isOpen = spans.at(-1)?.to === null;
  if (look.drift !== null)
    return isOpen ? before : { cleanAt, spans: limit([...spans, { from: cleanAt, to: null }]) };
  const now = new Date(look.nowMs).toISOString();
  return { cleanAt: now, spans: spans.map(({ from, to }) => ({ from, to: to ?? now })) };
}

/** The oldest two become one: better too much is left out than too little. */
function limit(spans: DriftSpan[]): DriftSpan[] {
  const [first, second, ...others] = spans;
  if (spans.length <= maxDriftSpans || first === undefined || second === undefined) return spans;
  return [{ from: first.from, to: second.to }, ...others];
}

/** Whether any part of the window is within a span. Times of one format, so that texts sort as times do. */
export function isDrifted(spans: readonly DriftSpan[], window: { from: string; to: string }): boolean {
  return spans.some(({ from, to }) => window.to > from && (to === null || window.from < to));
}
