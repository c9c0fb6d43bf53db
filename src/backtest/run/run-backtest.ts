/** Judges recorded metrics under a plan: the decisions of a rollout with this plan, and their times. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { Columns } from '../data/columns.js';
import { runRecordedStages, runPlan, type BacktestOutcome } from './run-segments.js';
import { BacktestLog, type FirstDecision, type LogEntry } from './log.js';
import { plannedSegmentsOf } from './planned-segments.js';
import { recordedSegments } from './recorded-segments.js';
import { createRecordedReader } from '../data/recorded-metrics.js';
import type { RecordedWindows } from '../data/recorded-windows.js';
import { maxDelaySeconds, type BacktestState } from './simulated-watch.js';

export interface Backtest {
  /** Source of the stages. */
  stages: 'plan' | 'data';
  timeline: LogEntry[];
  firstDecisions: Record<string, FirstDecision>;
  outcome: BacktestOutcome;
}

/** `plan`: a plan that alignWindows fitted to the data. */
export async function runBacktest(plan: Plan, windows: RecordedWindows, columns: Columns): Promise<Backtest> {
  const planned = plannedSegmentsOf(plan);
  const recorded = recordedSegments(planned, windows, maxDelaySeconds(plan));
  const log = new BacktestLog();
  const state: BacktestState = {
    plan,
    metrics: createRecordedReader(windows, columns),
    log,
    nowMs: windows.begins.candidate ?? windows.fromMs,
    dataEndsMs: windows.toMs,
    share: 0,
    shifts: 0,
    comparisons: {},
    hold: null,
  };
  const outcome =
    recorded === null ? await runPlan(state, planned) : await runRecordedStages(state, recorded);
  log.note(state.nowMs, 'decision', `${outcome.outcome}: ${outcome.message}`);
  return {
    stages: recorded === null ? 'plan' : 'data',
    timeline: log.entries,
    firstDecisions: log.first,
    outcome,
  };
}
