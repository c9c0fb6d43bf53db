/** Re-judges recorded metrics under a plan: what a rollout would have decided, and when. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { Columns } from '../data/columns.js';
import { runRecordedStages, runPlan, type BacktestOutcome } from './run-segments.js';
import { BacktestLog, type FirstDecision, type LogEntry } from './log.js';
import { plannedSegmentsOf } from './planned-segments.js';
import { recordedLegs } from './recorded-segments.js';
import { createRecordedReader } from '../data/recorded-metrics.js';
import type { RecordedWindows } from '../data/recorded-windows.js';
import { maxDelaySeconds, type BacktestState } from './simulated-watch.js';

export interface Backtest {
  /** Where the stages come from. */
  stages: 'plan' | 'data';
  timeline: LogEntry[];
  firstDecisions: Record<string, FirstDecision>;
  outcome: BacktestOutcome;
}

/** `plan` fits the data, as alignWindows makes it. */
export async function runBacktest(plan: Plan, windows: RecordedWindows, columns: Columns): Promise<Backtest> {
  const planned = plannedSegmentsOf(plan);
  const recorded = recordedLegs(planned, windows, maxDelaySeconds(plan));
  const log = new BacktestLog();
  const world: BacktestState = {
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
    recorded === null ? await runPlan(world, planned) : await runRecordedStages(world, recorded);
  log.note(world.nowMs, 'decision', `${outcome.outcome}: ${outcome.message}`);
  return {
    stages: recorded === null ? 'plan' : 'data',
    timeline: log.entries,
    firstDecisions: log.first,
    outcome,
  };
}
