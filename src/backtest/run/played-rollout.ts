/** The workflow of a backtest: Temporal in this process, on a clock that starts with the recording. */
import { ApplicationFailure } from '@temporalio/common';
import { decode } from '../../simulation/temporal/payloads.js';
import { SimulatedClock } from '../../simulation/clock.js';
import { SimulatedTemporal, type SimulatedHandle } from '../../simulation/temporal/simulated-temporal.js';
import type { WorkflowSandbox } from '../../simulation/temporal/sdk.js';
import type { Plan } from '../../plan/compiled/plan.js';
import {
  promoteUpdate,
  statusQuery,
  workflowIdOf,
  workflowType,
  type RolloutResult,
  type RolloutStatus,
} from '../../workflows/messages.js';
import { switchPropagationSeconds } from '../../workflows/run/timings.js';
import { createRecordedReader } from '../data/recorded-metrics.js';
import { startingOf } from '../data/recorded-traffic.js';
import type { RecordedWindows } from '../data/recorded-windows.js';
import type { Columns } from '../data/columns.js';
import type { BacktestLog } from './log.js';
import type { BacktestOutcome } from './outcome.js';
import { createRecordedActivities, type RecordedActivities } from './recorded-activities.js';
import { RecordedCalendar } from './recorded-calendar.js';
import { RecordedEndpoint } from './recorded-endpoint.js';
import { RecordedPolls } from './recorded-polls.js';
import type { RecordedSegment } from './recorded-segments.js';
import { RolloutObserver } from './rollout-observer.js';

export interface PlayOptions {
  /** Its windows fit the data. */
  plan: Plan;
  /** The plan that the workflow executes. */
  played: Plan;
  windows: RecordedWindows;
  columns: Columns;
  /** Empty: the stages are those of the plan. */
  segments: RecordedSegment[];
  log: BacktestLog;
  /** Milliseconds since the epoch: the candidate gets its first traffic. */
  beginsMs: number;
  /** The last poll that has data. */
  endsMs: number;
  sandbox: WorkflowSandbox;
}

export class PlayedRollout {
  readonly observer: RolloutObserver;
  private readonly endpoint: RecordedEndpoint;
  private readonly calendar: RecordedCalendar;
  private readonly clock: SimulatedClock;
  private readonly temporal: SimulatedTemporal;
  private readonly handle: SimulatedHandle;
  /** An error that no activity should throw. The workflow would repeat the activity. */
  private bug: unknown = null;

  constructor({ plan, played, windows, columns, segments, log, beginsMs, endsMs, sandbox }: PlayOptions) {
    const starting = startingOf(plan);
    const startMs = beginsMs - secondsToFirstTraffic(played) * 1000;
    const clock = new SimulatedClock(startMs);
    this.clock = clock;
    this.endpoint = new RecordedEndpoint(plan.endpoint, starting, clock);
    this.calendar = new RecordedCalendar(segments);
    this.observer = new RolloutObserver({
      ...{ plan, log, dataEndsMs: windows.toMs },
      shareNow: () => this.endpoint.share,
      stageAt: (n, nowMs) =>
        segments.length === 0 ? n : (segments.findLast(({ fromMs }) => fromMs <= nowMs)?.stage ?? null),
    });
    const { endpoint, calendar, observer } = this;
    const activities = createRecordedActivities({
      ...{ plan: played, starting, endpoint, calendar, observer },
      polls: new RecordedPolls(createRecordedReader(windows, columns), observer, calendar, endsMs, (nowMs) =>
        this.changeWeights(segments, nowMs),
      ),
      askStatus: () => this.askStatus(),
    });
    this.temporal = new SimulatedTemporal({
      ...{ sandbox, clock },
      createActivities: () => this.reportingBugs(activities),
    });
    this.handle = this.temporal.start(workflowType, {
      workflowId: workflowIdOf(plan.endpoint),
      args: [{}],
      memo: { startedBy: 'backtest' },
    });
  }

  /** The stage that the workflow executes, from 1. */
  async stage(): Promise<number> {
    return (await this.handle.query(statusQuery)).step.n;
  }

  get isDecided(): boolean {
    return this.observer.promotedAtMs !== null || this.hasEnded;
  }

  async playUntil(ms: number): Promise<void> {
    await this.temporal.skip(Math.max(0, ms - this.clock.nowMs));
    if (this.bug !== null) throw new Error('an activity of the backtest has a bug', { cause: this.bug });
    const { taskFailure } = this.temporal.latest(this.handle.workflowId);
    if (taskFailure !== null) throw new Error(`the workflow fails: ${taskFailure.message}`);
    if (!this.hasEnded)
      this.observer.recordHold((await this.handle.query(statusQuery)).hold, this.clock.nowMs);
  }

  /**
   * The recorded rollout continued, and this one would not have. It stays, and its guardrails remain active: an operator
   * promotes, and the calendar never allows it.
   */
  async leaveBehind(share: number): Promise<void> {
    this.observer.beginLeaving();
    this.calendar.close(() => this.endpoint.changeShare(share));
    const command = { actor: 'recording', reason: 'the recorded rollout continued', full: true };
    await this.handle.executeUpdate(promoteUpdate, { args: [command] });
  }

  /** Null: not decided. */
  outcome(): BacktestOutcome | null {
    const { observer } = this;
    const { end } = this.temporal.latest(this.handle.workflowId);
    const result = end?.kind === 'completed' ? (decode(end.result) as RolloutResult) : null;
    if (result?.outcome === 'promoted' || (result === null && observer.promotedAtMs !== null)) {
      const at = new Date(observer.promotedAtMs ?? this.lastPollMs).toISOString();
      return { outcome: 'promoted', at, by: null, message: `every stage is cleared at ${at}` };
    }
    if (result === null) return null;
    const { outcome, reason: message } = result;
    const at = new Date(this.lastPollMs).toISOString();
    const by = observer.failed?.guardrail ?? null;
    if (outcome === 'inconclusive') return { outcome, at, by: null, message };
    if (by === null || (outcome !== 'rolledBack' && outcome !== 'failed'))
      throw new Error(`the backtest ended without a verdict, ${outcome}: ${message}`);
    return { outcome, at, by, message };
  }

  get lastPollMs(): number {
    return this.observer.lastPollMs ?? this.clock.nowMs;
  }

  async close(): Promise<void> {
    await this.temporal.close();
  }

  private get hasEnded(): boolean {
    return this.temporal.latest(this.handle.workflowId).end !== null;
  }

  /** By the recorded bandit within the experiment, or after the recorded rollout has left this one behind. */
  private changeWeights(segments: RecordedSegment[], nowMs: number): boolean {
    const i = segments.findIndex(({ fromMs }) => fromMs === nowMs);
    const [before, segment] = [segments[i - 1], segments[i]];
    if (before === undefined || segment === undefined || this.endpoint.share !== before.share) return false;
    if (!segment.continues && !this.calendar.isClosed) return false;
    this.endpoint.changeShare(segment.share);
    return true;
  }

  /** For activities: the workflow as it waits for them. */
  private async askStatus(): Promise<RolloutStatus> {
    const run = this.temporal.latest(this.handle.workflowId);
    return decode(await run.query(statusQuery.name, [])) as RolloutStatus;
  }

  private reportingBugs(activities: RecordedActivities): object {
    const reporting = (run: (argument: never) => Promise<unknown>) => async (argument: never) => {
      try {
        return await run(argument);
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) this.bug ??= error;
        throw error;
      }
    };
    return Object.fromEntries(Object.entries(activities).map(([name, run]) => [name, reporting(run)]));
  }
}

/** From the start of the rollout: before its first weights, a deployment waits until every switch knows the variants. */
function secondsToFirstTraffic({ steps }: Plan): number {
  const first = steps.find((step) => step.kind === 'deploy');
  return first?.arrangement.kind === 'candidateOnly' ? 0 : switchPropagationSeconds;
}
