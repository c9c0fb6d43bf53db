/** What one look at the traffic amounts to: its windows brought up to date, its verdicts, and whether to report. No clock. */
import { concludeLook, type Conclusion } from '../../analysis/verdicts/conclude-poll.js';
import { short } from '../../analysis/verdicts/comparison-verdict.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import { followDrift, type DriftSeen } from '../drift/drift-history.js';
import type { VariantStats, WatchRequest, WatchState } from '../interface/watch.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import { judgeAllWindows, timesOf, type JudgedWindows } from './judge-windows.js';

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
  const atFirst: DriftSeen = { cleanAt: request.since, spans: [] };
  const driftSeen = followDrift(before.drift ?? atFirst, { drift, endpointSeen, nowMs });
  const now = { nowMs, drifts: driftSeen.spans };
  const windows = await judgeAllWindows(metrics, request, before, now);
  const { bounds, compared } = windows;
  const judged = [...bounds, ...compared].map(({ progress }) => progress.last);
  const verdicts = inOrder(request, [...alarms, ...judged]).map((one) => withErrors(one, before.stats));
  const conclusion = concludeLook({
    mode: request.mode,
    verdicts,
    drift,
    endpointSeen,
    reported: before.reported ?? null,
    reportedDrift: before.reportedDrift ?? null,
    ...timesOf(request, windows, nowMs),
  });
  const progress = {
    guardrails: Object.fromEntries(bounds.map(({ id, progress }) => [id, progress])),
    alarms,
    comparisons: {
      ...before.comparisons,
      ...Object.fromEntries(compared.map(({ id, progress }) => [id, progress])),
    },
    drift: driftSeen,
    ...(conclusion === null ? saidBefore(before) : reportedOf(conclusion)),
  };
  return { verdicts, conclusion, progress, windows };
}

/** Requests that fail are often counted on one side only. */
function withErrors(verdict: Verdict, stats: VariantStats[]): Verdict {
  if (verdict.reason !== 'splitMismatch') return verdict;
  const rates = stats.flatMap(({ role, requests, errors }) =>
    requests && errors !== null ? [`${short((100 * errors) / requests)} % of the ${role}'s`] : [],
  );
  if (rates.length === 0) return verdict;
  return {
    ...verdict,
    sentence: `${verdict.sentence}, while ${rates.join(' and ')} requests got 5xx`,
  };
}

type Reported = Pick<WatchState, 'reported' | 'reportedDrift'>;

function saidBefore({ reported, reportedDrift }: WatchState): Reported {
  return { ...(reported && { reported }), ...(reportedDrift !== undefined && { reportedDrift }) };
}

function reportedOf({ kind, sentence }: Conclusion): Reported {
  if (kind === 'drift') return { reported: kind, reportedDrift: sentence };
  return kind === 'undecided' ? { reported: kind } : {};
}

/** In the plan's order, which is the order that people know; what the plan does not name comes last. */
function inOrder({ guardrails, goals }: WatchRequest, verdicts: Verdict[]): Verdict[] {
  const ids = [...guardrails, ...goals].map(({ id }) => id);
  const named = ids.flatMap((id) => verdicts.filter((verdict) => verdict.guardrail === id));
  return [...named, ...verdicts.filter(({ guardrail }) => !ids.includes(guardrail))];
}
