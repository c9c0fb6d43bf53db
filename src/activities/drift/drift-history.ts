/** The times at which polls found external changes of the endpoint. No I/O, no clock. */

/** ISO 8601, UTC. `to: null`: the change is still there. */
export interface DriftSpan {
  from: string;
  to: string | null;
}

/** Attempts pass it on. */
export interface DriftHistory {
  /** Time of the last poll that found the endpoint in the state that the rollout set. ISO 8601. */
  cleanAt: string;
  spans: DriftSpan[];
}

const maxDriftSpans = 20;

/**
 * A span lasts from the last poll without drift to the next one, because polls cannot tell when between them a
 * change began or ended. A poll that could not read the endpoint changes nothing.
 */
export function updateDriftHistory(
  before: DriftHistory,
  poll: { drift: string | null; endpointSeen: boolean; nowMs: number },
): DriftHistory {
  if (!poll.endpointSeen) return before;
  const { cleanAt, spans } = before;
  const isOpen = spans.at(-1)?.to === null;
  if (poll.drift !== null)
    return isOpen ? before : { cleanAt, spans: limit([...spans, { from: cleanAt, to: null }]) };
  const now = new Date(poll.nowMs).toISOString();
  return { cleanAt: now, spans: spans.map(({ from, to }) => ({ from, to: to ?? now })) };
}

/** Merges the two oldest spans. The time between them then counts as drift, which is the safe side. */
function limit(spans: DriftSpan[]): DriftSpan[] {
  const [first, second, ...others] = spans;
  if (spans.length <= maxDriftSpans || first === undefined || second === undefined) return spans;
  return [{ from: first.from, to: second.to }, ...others];
}

/**
 * Whether any part of the window is within a span. All times have the same format, so string order is time
 * order.
 */
export function isDrifted(spans: readonly DriftSpan[], window: { from: string; to: string }): boolean {
  return spans.some(({ from, to }) => window.to > from && (to === null || window.from < to));
}

/** Whether the window begins within this time after a span: events of requests during the change are counted until then. */
export function followsDrift(
  spans: readonly DriftSpan[],
  window: { from: string },
  eventDelaySeconds: number,
): boolean {
  const fromMs = Date.parse(window.from);
  return spans.some(({ to }) => {
    const sinceMs = to === null ? -1 : fromMs - Date.parse(to);
    return sinceMs >= 0 && sinceMs < eventDelaySeconds * 1000;
  });
}
