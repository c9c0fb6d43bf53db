/** A watch as the workflow keeps it, over recorded data: its looks fall when windows do, and time jumps between them. */
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

/** The recorded world, and the rollout's state in it. */
export interface BacktestState {
  plan: Plan;
  metrics: MetricReader;
  log: BacktestLog;
  /** Simulated. */
  nowMs: number;
  /** The end of what was recorded; what it says may come later by the rules' delays. */
  dataEndsMs: number;
  share: number;
  /** How often the share changed. */
  shifts: number;
  comparisons: WatchState['comparisons'];
  hold: Hold | null;
}

/** What ends the way forward. `ranOut`: the data, or the stage that it was recorded in, is over. */
export type Stop =
  { kind: 'failed'; verdict: Verdict } | { kind: 'inconclusive'; message: string } | { kind: 'ranOut' };

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
  /** When the stage ends in the data; Infinity where the plan alone says. */
  endsMs: number;
}

/** Alarms are left out, the endpoint is as the rollout left it: only metrics were recorded. */
const seen: PollObservation = { alarms: [], drift: null, endpointSeen: true };

export class SimulatedWatch {
  private continued: WatchState;
  private heldSinceMs: number | null = null;
  private readonly lastLookMs: number;

  constructor(
    private readonly world: BacktestState,
    private readonly subject: SimulatedTarget,
  ) {
    const { comparisons, plan, dataEndsMs } = world;
    this.continued = { guardrails: {}, alarms: [], comparisons, stats: [], observation: null };
    this.lastLookMs = Math.min(subject.endsMs, dataEndsMs + maxDelaySeconds(plan) * 1000);
  }

  /** As Watch.round; throws Stopped also where the data has no more to say. */
  async round(mode: WatchRequest['mode'], noLaterThanMs = Infinity): Promise<WatchReport> {
    const { world } = this;
    const request = this.request(mode, Math.min(noLaterThanMs, world.nowMs + this.roundSeconds(mode) * 1000));
    for (;;) {
      const look = await judgePoll(world.metrics, request, this.continued, seen, world.nowMs);
      this.continued = { ...look.progress, stats: [], observation: null };
      world.comparisons = look.progress.comparisons;
      this.recordReport(look.verdicts);
      if (look.conclusion !== null) {
        const report = { ...look.conclusion, verdicts: look.verdicts, state: this.continued };
        this.react(report);
        return report;
      }
      const next = nextLookMs(request, look.windows, world.nowMs);
      if (next > this.lastLookMs) throw new Stopped({ kind: 'ranOut' });
      world.nowMs = next;
    }
  }

  /** What a rule says of windows that were never recorded is not told. */
  private recordReport(verdicts: Verdict[]): void {
    const { plan, log, nowMs, dataEndsMs } = this.world;
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
    if (endsHold(this.world.hold, report)) clearHold(this.world);
  }

  private hold(message: string): void {
    const { world } = this;
    this.heldSinceMs ??= world.nowMs;
    const times = { heldSinceMs: this.heldSinceMs, nowMs: world.nowMs };
    const decision = decideUnknown(message, times, world.plan);
    if (decision.kind === 'rollBack') throw new Stopped({ kind: 'inconclusive', message: decision.message });
    startHold(world, { reason: 'unknown', message });
  }

  private roundSeconds(mode: WatchRequest['mode']): number {
    const ends = holdEndsMs(this.heldSinceMs, this.world.plan);
    if (ends !== null) return Math.max(1, Math.ceil((ends - this.world.nowMs) / 1000));
    return watchActivitySeconds(this.subject.seconds, mode === 'guard' || this.heldSinceMs !== null);
  }

  private request(mode: WatchRequest['mode'], roundEndsMs: number): WatchRequest {
    const { plan, share, shifts } = this.world;
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

/** A live watch also looks every half minute; here it looks when there may be something new. */
function nextLookMs(request: WatchRequest, judged: JudgedWindows, nowMs: number): number {
  const defaultMs = nowMs + secondsToNextPoll(request, judged, nowMs, Infinity) * 1000;
  const complete = dataCompleteMs(request, judged);
  // Also windows that join others which had too few requests.
  const due = [...judged.bounds, ...judged.compared].map(({ windows }) =>
    dueMs(windows, countDue(windows, nowMs) + 1),
  );
  return Math.min(defaultMs, ...due, complete > nowMs ? complete : Infinity);
}

export function startHold(world: BacktestState, hold: Hold): void {
  if (world.hold?.message === hold.message) return;
  world.hold = hold;
  world.log.note(world.nowMs, 'hold', `holding: ${hold.message}`);
}

export function clearHold(world: BacktestState): void {
  if (world.hold === null) return;
  world.log.note(world.nowMs, 'hold', `no longer holding: ${world.hold.message}`);
  world.hold = null;
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
