/** Rounds of one watch, each an activity that the server retries; the running sums go from round to round. */
import type { Drift } from '../../activities/interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../../activities/interface/watch.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { shouldContinueAsNew, continueAsNewIfNeeded } from '../run/continue-as-new.js';
import { handleDrift } from './drift.js';
import {
  watchActivitySeconds,
  decideUnknown,
  endsHold,
  holdEndsMs,
  readFailure,
  holdReason,
} from './policy.js';
import type { Hold } from '../messages.js';
import type { RolloutContext } from '../run/context.js';
import { RolloutStopped } from '../temporal/stop.js';

/** What a watch is about. */
export interface WatchTarget {
  /** Milliseconds of Temporal's time: the weights are verified, windows begin after it. */
  since: number;
  /** The bake: windows that end within this many seconds are judged. */
  seconds: number;
  guardrails?: Guardrail[];
  goals?: Goal[];
}

/** What must be known. `firing only`: what is unknown is no reason to hold. */
export type RequiredKnowledge = 'noAlarmFiring' | 'allKnown';

/** Kept over the runs of one rollout; one watch at a time. */
interface WatchProgress {
  continued: WatchState | null;
  heldSince: number | null;
  since: number;
}

const note = 'watch';

/** Watches for as long as the work takes. */
export async function withWatch<T>(
  run: RolloutContext,
  subject: WatchTarget,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  const { since } = subject;
  const sums = run.checkpoints.getOrCreate<WatchProgress>(note, () => ({
    continued: null,
    heldSince: null,
    since,
  }));
  const result = await work(new Watch(run, subject, sums));
  run.checkpoints.clear(note);
  return result;
}

export class Watch {
  constructor(
    private readonly run: RolloutContext,
    private readonly subject: WatchTarget,
    private readonly sums: WatchProgress,
  ) {}

  /**
   * The round's report, or null where it was dropped. `noLaterThan`: milliseconds. Throws RolloutStopped on a guardrail's
   * veto.
   */
  async round(
    mode: WatchRequest['mode'],
    dropWhen: () => boolean,
    noLaterThan: number | null = null,
    need: RequiredKnowledge = 'allKnown',
  ): Promise<WatchReport | null> {
    continueAsNewIfNeeded(this.run);
    const { state, control, forward } = this.run;
    const defaultEndMs = Date.now() + this.roundSeconds(mode) * 1000;
    const roundEnds =
      noLaterThan === null ? defaultEndMs : Math.min(defaultEndMs, Math.max(noLaterThan, Date.now() + 1000));
    const { watchTraffic } = proxyRolloutActivities({
      scheduleToCloseSeconds: null,
      summary: this.summary(mode),
    });
    const request = this.request(mode, roundEnds);
    control.retryRequested = false;
    const report = await forward.runInterruptible(
      () => watchTraffic(request),
      () => control.retryRequested || shouldContinueAsNew(this.run) || dropWhen(),
    );
    if (!report) return null;
    this.sums.continued = report.state;
    state.applyReport(report);
    await this.react(report, need);
    return report;
  }

  private async react(report: WatchReport, need: RequiredKnowledge): Promise<void> {
    const failed = report.verdicts.find((verdict) => verdict.result === 'fail');
    if (report.kind === 'fail' && failed) throw new RolloutStopped({ kind: 'guardrail', verdict: failed });
    const unknown = report.drift
      ? await this.settle(report, report.drift)
      : need === 'noAlarmFiring'
        ? null
        : holdReason(report, this.subject.goals ?? []);
    if (unknown !== null)
      return this.hold({ reason: report.kind === 'drift' ? 'drift' : 'unknown', message: unknown });
    this.sums.heldSince = null;
    const { state, notifications } = this.run;
    const blind = readFailure(report);
    if (blind !== null) {
      if (state.startHold({ reason: 'unknown', message: blind }, null)) notifications.send('hold', blind);
      return;
    }
    if (endsHold(state.hold, report)) state.release();
  }

  /** What is settled is news again when it comes back. */
  private async settle({ state }: WatchReport, drift: Drift): Promise<string | null> {
    const unsettled = await handleDrift(this.run, drift);
    if (unsettled === null) {
      const continued = { ...state };
      delete continued.reported;
      delete continued.reportedDrift;
      this.sums.continued = continued;
    }
    return unsettled;
  }

  private hold({ reason, message }: Hold): void {
    const { state, notifications } = this.run;
    this.sums.heldSince ??= Date.now();
    const times = { heldSinceMs: this.sums.heldSince, nowMs: Date.now() };
    const decision = decideUnknown(message, times, state.plan);
    if (decision.kind === 'rollBack')
      throw new RolloutStopped({ kind: 'inconclusive', message: decision.message });
    const { endsMs } = decision;
    const isNew =
      endsMs === null
        ? state.startHold({ reason, message }, null)
        : state.startHold(
            { reason, message: `${message}; will roll back if it stays so` },
            new Date(endsMs).toISOString(),
          );
    if (isNew) notifications.send('hold', message);
  }

  private roundSeconds(mode: WatchRequest['mode']): number {
    const ends = holdEndsMs(this.sums.heldSince, this.run.state.plan);
    if (ends !== null) return Math.max(1, Math.ceil((ends - Date.now()) / 1000));
    return watchActivitySeconds(this.subject.seconds, mode === 'guard' || this.sums.heldSince !== null);
  }

  private request(mode: WatchRequest['mode'], roundEnds: number): WatchRequest {
    const { state } = this.run;
    const { guardrails, serve, rolloutId, judging } = state.plan;
    if (!state.weights) throw new Error('nothing to watch before the deployment');
    return {
      rolloutId,
      traffic: state.traffic,
      weights: state.weights,
      stage: state.weightChanges,
      metricPeriodSeconds: serve.metricPeriodSeconds,
      guardrails: this.subject.guardrails ?? guardrails,
      // A person's promotion does not wait for the goals.
      goals: mode === 'final' ? [] : (this.subject.goals ?? []),
      judging,
      since: new Date(this.sums.since).toISOString(),
      bakeSeconds: this.subject.seconds,
      roundEnds: new Date(roundEnds).toISOString(),
      mode,
      continued: this.sums.continued ?? this.begin(),
    };
  }

  /** Windows begin anew with every watch; what comparisons have seen goes on. */
  private begin(): WatchState | null {
    const { comparisons } = this.run.state;
    if (Object.keys(comparisons).length === 0) return null;
    return { guardrails: {}, alarms: [], comparisons, stats: [], observation: null };
  }

  private summary(mode: WatchRequest['mode']): string {
    const { stage, weights } = this.run.state;
    return `${mode === 'bake' ? 'bake' : 'guard'} stage ${stage}, candidate ${weights?.candidate ?? 0} %`;
  }
}
