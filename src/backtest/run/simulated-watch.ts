/** Simulates the workflow's watch over recorded data. It polls when windows end, and time jumps between polls. */
import { judgePoll, type PollObservation } from '../../activities/monitoring/judge-poll.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../../activities/interface/watch.js';
import type { MetricReader } from '../../activities/metrics/metric-reader.js';
import {
  dataCompleteMs,
  secondsToNextPoll,
  type JudgedWindows,
} from '../../activities/monitoring/judge-windows.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import { countDue, dueMs } from '../../analysis/verdicts/windows.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { remainderOf } from '../../plan/units/percents.js';
import type { Hold } from '../../workflows/messages.js';
import {
  watchActivitySeconds,
  decideUnknown,
  endsHold,
  holdEndsMs,
  holdReason,
} from '../../workflows/monitoring/policy.js';
import type { BacktestLog } from './log.js';

/** The recorded data, and the state of the simulated rollout. */
export interface BacktestState {
  plan: Plan;
  metrics: MetricReader;
  log: BacktestLog;
  /** Simulated time. */
  nowMs: number;
  /** End of the recorded data. Verdicts on it can come later by the data delays. */
  dataEndsMs: number;
  share: number;
  /** Number of share changes. */
  shifts: number;
  comparisons: WatchState['comparisons'];
  hold: Hold | null;
}

/** Reason that stops the rollout. `dataEnded`: the data, or its recorded segment, ends. */
export type Stop =
  { kind: 'failed'; verdict: Verdict } | { kind: 'inconclusive'; message: string } | { kind: 'dataEnded' };

export class Stopped extends Error {
  constructor(readonly stop: Stop) {
    super(stop.kind);
  }
}

interface SimulatedTarget {
  traffic: ArmTraffic;
  sinceMs: number;
  seconds: number;
  goals: Goal[];
  /** End of the segment in the data. Infinity: only the plan decides. */
  endsMs: number;
}

/** Only metrics were recorded, so there are no alarms and no drift. */
const observation: PollObservation = { alarms: [], drift: null, endpointSeen: true };

export class SimulatedWatch {
  private continued: WatchState;
  private heldSinceMs: number | null = null;
  private readonly lastPollMs: number;

  constructor(
    private readonly state: BacktestState,
    private readonly subject: SimulatedTarget,
  ) {
    const { comparisons, plan, dataEndsMs } = state;
    this.continued = { guardrails: {}, alarms: [], comparisons, stats: [], observation: null };
    this.lastPollMs = Math.min(subject.endsMs, dataEndsMs + maxDelaySeconds(plan) * 1000);
  }

  /** Same as Watch.round. Throws Stopped also when the data ends. */
  async round(mode: WatchRequest['mode'], noLaterThanMs = Infinity): Promise<WatchReport> {
    const { state } = this;
    const request = this.request(mode, Math.min(noLaterThanMs, state.nowMs + this.roundSeconds(mode) * 1000));
    for (;;) {
      const poll = await judgePoll(state.metrics, request, this.continued, observation, state.nowMs);
      this.continued = { ...poll.progress, stats: [], observation: null };
      state.comparisons = poll.progress.comparisons;
      this.recordReport(poll.verdicts);
      if (poll.conclusion !== null) {
        const report = { ...poll.conclusion, verdicts: poll.verdicts, state: this.continued };
        this.react(report);
        return report;
      }
      const next = nextPollMs(request, poll.windows, state.nowMs);
      if (next > this.lastPollMs) throw new Stopped({ kind: 'dataEnded' });
      state.nowMs = next;
    }
  }

  /** Verdicts on windows after the end of the data are not recorded. */
  private recordReport(verdicts: Verdict[]): void {
    const { plan, log, nowMs, dataEndsMs } = this.state;
    for (const verdict of verdicts) {
      const delaySeconds = nowMs <= dataEndsMs ? 0 : delayOf(plan, verdict.guardrail);
      if (nowMs <= dataEndsMs + delaySeconds * 1000) log.recordVerdict(nowMs, verdict);
    }
  }

  private react(report: WatchReport): void {
    const failed = report.verdicts.find((verdict) => verdict.result === 'fail');
    if (report.kind === 'fail' && failed) throw new Stopped({ kind: 'failed', verdict: failed });
    const unknown = holdReason(report, this.subject.goals);
    if (unknown !== null) return this.hold(unknown);
    this.heldSinceMs = null;
    if (endsHold(this.state.hold, report)) clearHold(this.state);
  }

  private hold(message: string): void {
    const { state } = this;
    this.heldSinceMs ??= state.nowMs;
    const times = { heldSinceMs: this.heldSinceMs, nowMs: state.nowMs };
    const decision = decideUnknown(message, times, state.plan);
    if (decision.kind === 'rollBack') throw new Stopped({ kind: 'inconclusive', message: decision.message });
    startHold(state, { reason: 'unknown', message });
  }

  private roundSeconds(mode: WatchRequest['mode']): number {
    const ends = holdEndsMs(this.heldSinceMs, this.state.plan);
    if (ends !== null) return Math.max(1, Math.ceil((ends - this.state.nowMs) / 1000));
    return watchActivitySeconds(this.subject.seconds, mode === 'guard' || this.heldSinceMs !== null);
  }

  private request(mode: WatchRequest['mode'], roundEndsMs: number): WatchRequest {
    const { plan, share, shifts } = this.state;
    const { traffic, sinceMs, seconds, goals } = this.subject;
    return {
      rolloutId: plan.rolloutId,
      traffic,
      weights: { baseline: remainderOf(share), candidate: share },
      stage: shifts,
      metricPeriodSeconds: plan.serve.metricPeriodSeconds,
      guardrails: plan.guardrails,
      goals,
      judging: plan.judging,
      since: new Date(sinceMs).toISOString(),
      bakeSeconds: seconds,
      roundEnds: new Date(roundEndsMs).toISOString(),
      mode,
      continued: null,
    };
  }
}

/** A live watch also polls every 30 s. The simulation polls only when there can be new data. */
function nextPollMs(request: WatchRequest, judged: JudgedWindows, nowMs: number): number {
  const defaultMs = nowMs + secondsToNextPoll(request, judged, nowMs, Infinity) * 1000;
  const complete = dataCompleteMs(request, judged);
  // Includes windows that are joined with earlier windows with too few requests.
  const due = [...judged.bounds, ...judged.compared].map(({ windows }) =>
    dueMs(windows, countDue(windows, nowMs) + 1),
  );
  return Math.min(defaultMs, ...due, complete > nowMs ? complete : Infinity);
}

export function startHold(state: BacktestState, hold: Hold): void {
  if (state.hold?.message === hold.message) return;
  state.hold = hold;
  state.log.note(state.nowMs, 'hold', `holding: ${hold.message}`);
}

export function clearHold(state: BacktestState): void {
  if (state.hold === null) return;
  state.log.note(state.nowMs, 'hold', `no longer holding: ${state.hold.message}`);
  state.hold = null;
}

export function maxDelaySeconds(plan: Plan): number {
  return Math.max(0, ...timedRules(plan).map(({ dataDelaySeconds }) => dataDelaySeconds));
}

function delayOf(plan: Plan, id: string): number {
  return timedRules(plan).find((rule) => rule.id === id)?.dataDelaySeconds ?? 0;
}

function timedRules({ guardrails, goals }: Plan) {
  return [...guardrails.filter((rule) => rule.kind !== 'alarm'), ...goals];
}
