/** Judges recorded metrics under a plan: the decisions of a rollout with this plan, and their times. */
import { countsAsPass } from '../../plan/compiled/on-fail.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { formatDuration } from '../../plan/units/durations.js';
import { formatPercent } from '../../plan/units/percents.js';
import type { WorkflowSandbox } from '../../simulation/temporal/sdk.js';
import type { Columns } from '../data/columns.js';
import type { RecordedWindows } from '../data/recorded-windows.js';
import { maxDelaySeconds } from './data-delays.js';
import { BacktestLog, type FirstDecision, type LogEntry } from './log.js';
import type { BacktestOutcome } from './outcome.js';
import { plannedSegmentsOf, type PlannedSegment } from './planned-segments.js';
import { playedPlan, playedRecording } from './played-plan.js';
import { PlayedRollout } from './played-rollout.js';
import { recordedStages, type RecordedSegment } from './recorded-segments.js';
import { describeStage } from './rollout-observer.js';

export interface Backtest {
  /** Source of the stages. */
  stages: 'plan' | 'data';
  /** Stages without data that a promotion was not judged by, one message each. */
  notices: string[];
  timeline: LogEntry[];
  firstDecisions: Record<string, FirstDecision>;
  outcome: BacktestOutcome;
}

export interface BacktestOptions {
  /** alignWindows fitted it to the data. */
  plan: Plan;
  /** The spec itself bakes at 100 %. Otherwise the plan adds that bake, and a recording need not have it. */
  bakesAllTraffic: boolean;
  windows: RecordedWindows;
  columns: Columns;
  /** Runs the workflow. */
  sandbox: WorkflowSandbox;
}

export async function runBacktest({
  plan,
  bakesAllTraffic,
  windows,
  columns,
  sandbox,
}: BacktestOptions): Promise<Backtest> {
  const delaySeconds = maxDelaySeconds(plan);
  const recorded = recordedStages(plannedSegmentsOf(plan), windows, { delaySeconds, bakesAllTraffic });
  const segments = recorded?.segments ?? null;
  const log = new BacktestLog();
  const beginsMs = segments?.[0]?.fromMs ?? windows.begins.candidate ?? windows.fromMs;
  const endsMs = windows.toMs + delaySeconds * 1000;
  const played = segments === null ? playedPlan(plan) : playedRecording(plan, segments);
  const play = { plan, played, windows, columns, segments: segments ?? [], log, beginsMs, endsMs, sandbox };
  const { outcome, atMs } =
    segments?.length === 0
      ? { outcome: withoutTraffic(beginsMs), atMs: beginsMs }
      : await decide(new PlayedRollout(play), play);
  log.note(atMs, 'decision', `${outcome.outcome}: ${outcome.message}`);
  return {
    stages: segments === null ? 'plan' : 'data',
    notices: outcome.outcome === 'promoted' && recorded?.omitted ? [describeOmitted(recorded.omitted)] : [],
    timeline: log.entries,
    firstDecisions: log.first,
    outcome,
  };
}

interface JudgedRecording {
  plan: Plan;
  log: BacktestLog;
  segments: RecordedSegment[];
  endsMs: number;
}

async function decide(
  rollout: PlayedRollout,
  { plan, log, segments, endsMs }: JudgedRecording,
): Promise<{ outcome: BacktestOutcome; atMs: number }> {
  try {
    let held: BacktestOutcome | null = null;
    for (const [i, { fromMs, share, continues }] of segments.entries()) {
      if (i === 0) continue;
      await rollout.playUntil(fromMs);
      if (rollout.isDecided) break;
      if (held !== null || continues || (await rollout.stage()) > i) continue;
      held = hold(rollout, plan, log);
      await rollout.leaveBehind(share);
    }
    await rollout.playUntil(endsMs);
    return { outcome: rollout.outcome() ?? held ?? hold(rollout, plan, log), atMs: rollout.lastPollMs };
  } finally {
    await rollout.close();
  }
}

/** The data, or a recorded stage, ends before the rollout would continue. */
function hold({ observer, lastPollMs }: PlayedRollout, plan: Plan, log: BacktestLog): BacktestOutcome {
  const endText = `when the data of ${describeStage(observer.position)} ends`;
  const verdicts = [...plan.guardrails, ...plan.goals].flatMap(({ id }) => log.latest.get(id) ?? []);
  const open = verdicts.filter((verdict) => !countsAsPass(verdict)).map(({ message }) => message);
  const message =
    open.length === 0
      ? `no rule has failed ${endText}, but it is too early to promote`
      : `${endText}: ${open.join('; ')}`;
  return { outcome: 'held', at: new Date(lastPollMs).toISOString(), by: null, message };
}

function describeOmitted({ share, task }: PlannedSegment): string {
  const bake = task.kind === 'bake' ? ` of ${formatDuration(task.seconds)}` : '';
  return `the bake${bake} at ${formatPercent(share)} is not judged: the data has no such stage`;
}

function withoutTraffic(beginsMs: number): BacktestOutcome {
  const at = new Date(beginsMs).toISOString();
  return { outcome: 'held', at, by: null, message: 'the data has no stage with traffic' };
}
