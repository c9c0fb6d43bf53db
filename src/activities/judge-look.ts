/** What one look at the traffic amounts to: its windows brought up to date, its verdicts, and whether to report. No clock. */
import { concludeLook, type Conclusion } from '../analysis/conclude-look.js';
import type { Verdict } from '../analysis/verdict.js';
import type { WatchReport, WatchRequest, WatchState } from './interface.js';
import type { MetricReader } from './metric-reader.js';
import { judgeAllWindows, timesOf, type JudgedWindows } from './watched-windows.js';

/** What the look has found but for the metrics. */
export interface Seen {
  alarms: Verdict[];
  /** What someone else changed, in words. */
  drift: string | null;
  endpointSeen: boolean;
}

export interface JudgedLook {
  /** In the plan's order. */
  verdicts: Verdict[];
  /** Null: nothing to report yet, look again. */
  conclusion: Conclusion | null;
  /** What the next look goes on from. */
  progress: Omit<WatchState, 'stats' | 'observation'>;
  windows: JudgedWindows;
}

export async function judgeLook(
  metrics: MetricReader,
  request: WatchRequest,
  before: WatchState,
  { alarms, drift, endpointSeen }: Seen,
  nowMs: number,
): Promise<JudgedLook> {
  const windows = await judgeAllWindows(metrics, request, before, nowMs);
  const { bounds, compared } = windows;
  const judged = [...bounds, ...compared].map(({ progress }) => progress.last);
  const verdicts = inOrder(request, [...alarms, ...judged]);
  const conclusion = concludeLook({
    mode: request.mode,
    verdicts,
    drift,
    endpointSeen,
    reported: before.reported ?? null,
    ...timesOf(request, windows, nowMs),
  });
  const progress = {
    guardrails: Object.fromEntries(bounds.map(({ id, progress }) => [id, progress])),
    alarms,
    comparisons: {
      ...before.comparisons,
      ...Object.fromEntries(compared.map(({ id, progress }) => [id, progress])),
    },
    ...reportedOf(conclusion === null ? before.reported : conclusion.kind),
  };
  return { verdicts, conclusion, progress, windows };
}

function reportedOf(kind: WatchReport['kind'] | undefined): Pick<WatchState, 'reported'> {
  return kind === 'undecided' || kind === 'drift' ? { reported: kind } : {};
}

/** In the plan's order, which is the order that people know. */
function inOrder({ guardrails, goals }: WatchRequest, verdicts: Verdict[]): Verdict[] {
  return [...guardrails, ...goals].flatMap(({ id }) =>
    verdicts.filter((verdict) => verdict.guardrail === id),
  );
}
