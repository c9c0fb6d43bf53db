/**
 * Evaluates one poll of the traffic: updates the windows, collects the verdicts and decides whether to report.
 * No clock.
 */
import { decidePoll, type Conclusion } from '../../analysis/verdicts/conclude-poll.js';
import { formatNumber } from '../../analysis/verdicts/formatted-numbers.js';
import { isReported, withOnFail } from '../../plan/compiled/on-fail.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import { updateDriftHistory, type DriftHistory } from '../drift/drift-history.js';
import type { VariantStats, WatchRequest, WatchState } from '../interface/watch.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import { judgeAllWindows, pollTimesOf, type JudgedWindows } from './judge-windows.js';

/** The results of the poll without the metrics. */
export interface PollObservation {
  alarms: Verdict[];
  /** Message about an external change. Null: none. */
  drift: string | null;
  /** Why the endpoint could not be read. Null: it could. */
  unseen: string | null;
}

export interface PollResult {
  /** In the plan's order. */
  verdicts: Verdict[];
  /** Null: nothing to report yet, poll again. */
  conclusion: Conclusion | null;
  /** State for the next poll. */
  progress: Omit<WatchState, 'stats' | 'observation'>;
  windows: JudgedWindows;
}

export async function judgePoll(
  metrics: MetricReader,
  request: WatchRequest,
  before: WatchState,
  { alarms, drift, unseen }: PollObservation,
  nowMs: number,
): Promise<PollResult> {
  const initialHistory: DriftHistory = { cleanAt: request.since, spans: [] };
  const driftHistory = updateDriftHistory(before.drift ?? initialHistory, {
    drift,
    endpointSeen: unseen === null,
    nowMs,
  });
  const now = { nowMs, drifts: driftHistory.spans };
  const windows = await judgeAllWindows(metrics, request, before, now);
  const { bounds, compared } = windows;
  const judged = [...bounds, ...compared].map(({ progress }) => progress.last);
  const verdicts = withOnFail(
    request.guardrails,
    inOrder(request, [...alarms, ...judged]).map((verdict) => withErrors(verdict, before.stats)),
  );
  const conclusion = decidePoll({
    mode: request.mode,
    verdicts,
    drift,
    unseen,
    reported: before.reported ?? null,
    newlyReported: newlyReported(verdicts, request),
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
    drift: driftHistory,
    ...(conclusion === null ? lastReportOf(before) : reportedOf(conclusion)),
  };
  return { verdicts, conclusion, progress, windows };
}

/** A metric can fail in one window after another, and operators are told once. */
function newlyReported(verdicts: Verdict[], { told = [] }: WatchRequest): string | null {
  const fresh = verdicts.find((verdict) => isReported(verdict) && !told.includes(verdict.guardrail));
  return fresh?.message ?? null;
}

/** Often failed requests count on one side only, so the message shows the error rates. */
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

function lastReportOf({ reported, reportedDrift }: WatchState): Reported {
  return { ...(reported && { reported }), ...(reportedDrift !== undefined && { reportedDrift }) };
}

function reportedOf({ kind, message }: Conclusion): Reported {
  if (kind === 'drift') return { reported: kind, reportedDrift: message };
  return kind === 'undecided' ? { reported: kind } : {};
}

/** In the order of the plan, which people know. Verdicts that the plan does not name come last. */
function inOrder({ guardrails, goals }: WatchRequest, verdicts: Verdict[]): Verdict[] {
  const ids = [...guardrails, ...goals].map(({ id }) => id);
  const named = ids.flatMap((id) => verdicts.filter((verdict) => verdict.guardrail === id));
  return [...named, ...verdicts.filter(({ guardrail }) => !ids.includes(guardrail))];
}
