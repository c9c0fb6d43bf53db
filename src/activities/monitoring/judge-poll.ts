/** What one look at the traffic amounts to: its windows brought up to date, its verdicts, and whether to report. No clock. */
import { decidePoll, type Conclusion } from '../../analysis/verdicts/conclude-poll.js';
import { formatNumber } from '../../analysis/verdicts/comparison-verdict.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import { updateDriftHistory, type DriftHistory } from '../drift/drift-history.js';
import type { VariantStats, WatchRequest, WatchState } from '../interface/watch.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import { judgeAllWindows, pollTimesOf, type JudgedWindows } from './judge-windows.js';

/** What the look has found but for the metrics. */
export interface PollObservation {
  alarms: Verdict[];
  /** What someone else changed, in words. */
  drift: string | null;
  endpointSeen: boolean;
}

export interface PollResult {
  /** In the plan's order. */
  verdicts: Verdict[];
  /** Null: nothing to report yet, look again. */
  conclusion: Conclusion | null;
  /** What the next look goes on from. */
  progress: Omit<WatchState, 'stats' | 'observation'>;
  windows: JudgedWindows;
}

export async function judgePoll(
  metrics: MetricReader,
  request: WatchRequest,
  before: WatchState,
  { alarms, drift, endpointSeen }: PollObservation,
  nowMs: number,
): Promise<PollResult> {
  const atFirst: DriftHistory = { cleanAt: request.since, spans: [] };
  const driftSeen = updateDriftHistory(before.drift ?? atFirst, { drift, endpointSeen, nowMs });
  const now = { nowMs, drifts: driftSeen.spans };
  const windows = await judgeAllWindows(metrics, request, before, now);
  const { bounds, compared } = windows;
  const judged = [...bounds, ...compared].map(({ progress }) => progress.last);
  const verdicts = inOrder(request, [...alarms, ...judged]).map((one) => withErrors(one, before.stats));
  const conclusion = decidePoll({
    mode: request.mode,
    verdicts,
    drift,
    endpointSeen,
    reported: before.reported ?? null,
    reportedDrift: before.reportedDrift ?? null,
    ...pollTimesOf(request, windows, nowMs),
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
  if (verdict.reason !== 'sampleRatioMismatch') return verdict;
  const rates = stats.flatMap(({ role, requests, errors }) =>
    requests && errors !== null ? [`${formatNumber((100 * errors) / requests)} % of the ${role}'s`] : [],
  );
  if (rates.length === 0) return verdict;
  return {
    ...verdict,
    message: `${verdict.message}, while ${rates.join(' and ')} requests got 5xx`,
  };
}

type Reported = Pick<WatchState, 'reported' | 'reportedDrift'>;

function saidBefore({ reported, reportedDrift }: WatchState): Reported {
  return { ...(reported && { reported }), ...(reportedDrift !== undefined && { reportedDrift }) };
}

function reportedOf({ kind, message }: Conclusion): Reported {
  if (kind === 'drift') return { reported: kind, reportedDrift: message };
  return kind === 'undecided' ? { reported: kind } : {};
}

/** In the plan's order, which is the order that people know; what the plan does not name comes last. */
function inOrder({ guardrails, goals }: WatchRequest, verdicts: Verdict[]): Verdict[] {
  const ids = [...guardrails, ...goals].map(({ id }) => id);
  const named = ids.flatMap((id) => verdicts.filter((verdict) => verdict.guardrail === id));
  return [...named, ...verdicts.filter(({ guardrail }) => !ids.includes(guardrail))];
}
