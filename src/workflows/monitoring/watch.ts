/** One watch: rounds of the activity `watchTraffic`. Each round passes its state to the next one. */
import type { Drift } from '../../activities/interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../../activities/interface/watch.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { shouldContinueAsNew, continueAsNewIfNeeded } from '../run/continue-as-new.js';
import { applicableGuardrails } from './applicable-guardrails.js';
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

/** Start, length and rules of one watch. */
export interface WatchTarget {
  /** Milliseconds, workflow time: the weights were verified then, and windows begin after it. */
  since: number;
  /** Length of the bake: windows that end within it are evaluated. */
  seconds: number;
  guardrails?: Guardrail[];
  goals?: Goal[];
  /** The rollout changes the endpoint during the watch. */
  isChanging?: boolean;
}

/** `allKnown`: an unknown verdict is a reason to hold. `noAlarmFiring`: it is not. */
export type RequiredKnowledge = 'noAlarmFiring' | 'allKnown';

/** Kept over the runs of one rollout. There is one watch at a time. */
interface WatchProgress {
  continued: WatchState | null;
  heldSince: number | null;
  since: number;
}

const checkpointName = 'watch';

/** Runs `work` with a watch whose state survives continue-as-new. */
export async function withWatch<T>(
  run: RolloutContext,
  target: WatchTarget,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  const result = await withKeptWatch(run, checkpointName, target, work);
  run.checkpoints.clear(checkpointName);
  return result;
}

/** The windows of the next watch of that name follow those of this one, until the caller clears the checkpoint. */
export function withKeptWatch<T>(
  run: RolloutContext,
  name: string,
  target: WatchTarget,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  const { since } = target;
  const progress = run.checkpoints.getOrCreate<WatchProgress>(name, () => ({
    continued: null,
    heldSince: null,
    since,
  }));
  return work(new Watch(run, target, progress));
}

export class Watch {
  constructor(
    private readonly run: RolloutContext,
    private readonly target: WatchTarget,
    private readonly progress: WatchProgress,
  ) {}

  /**
   * Runs one round. Returns its report, or null if the round was cancelled. `noLaterThan`: milliseconds. Throws
   * RolloutStopped if a guardrail fails.
   */
  async round(
    mode: WatchRequest['mode'],
    cancelWhen: () => boolean,
    noLaterThan: number | null = null,
    need: RequiredKnowledge = 'allKnown',
  ): Promise<WatchReport | null> {
    // A change in progress ends in the run that began it.
    const isBetweenChanges = this.target.isChanging !== true;
    if (isBetweenChanges) continueAsNewIfNeeded(this.run);
    const { state, control, forward } = this.run;
    const defaultEndMs = Date.now() + this.roundSeconds(mode) * 1000;
    const roundEnds =
      noLaterThan === null ? defaultEndMs : Math.min(defaultEndMs, Math.max(noLaterThan, Date.now() + 1000));
    const { watchTraffic } = proxyRolloutActivities({
      scheduleToCloseSeconds: null,
      summary: this.summary(mode),
    });
    const request = this.request(mode, roundEnds);
    const seenRetries = control.retries;
    const report = await forward.runInterruptible(
      () => watchTraffic(request),
      () =>
        control.retries > seenRetries || cancelWhen() || (isBetweenChanges && shouldContinueAsNew(this.run)),
    );
    if (!report) return null;
    this.progress.continued = report.state;
    state.applyReport(report);
    await this.react(report, need);
    return report;
  }

  private async react(report: WatchReport, need: RequiredKnowledge): Promise<void> {
    const failed = report.verdicts.find((verdict) => verdict.result === 'fail');
    if (report.kind === 'fail' && failed) throw new RolloutStopped({ kind: 'guardrail', verdict: failed });
    const unknown = report.drift
      ? await this.resolveDrift(report, report.drift)
      : need === 'noAlarmFiring'
        ? null
        : holdReason(report, this.target.goals ?? []);
    if (unknown !== null)
      return this.hold({ reason: report.kind === 'drift' ? 'drift' : 'unknown', message: unknown });
    this.progress.heldSince = null;
    const { state, notifications } = this.run;
    const unreadable = readFailure(report);
    if (unreadable !== null) {
      if (state.startHold({ reason: 'unknown', message: unreadable }, null))
        notifications.send('hold', unreadable);
      return;
    }
    if (endsHold(state.hold, report)) state.release();
  }

  /** After a revert or an adoption, the same drift is reported again if it returns. */
  private async resolveDrift({ state }: WatchReport, drift: Drift): Promise<string | null> {
    const unresolved = await handleDrift(this.run, drift);
    if (unresolved === null) {
      const continued = { ...state };
      delete continued.reported;
      delete continued.reportedDrift;
      this.progress.continued = continued;
    }
    return unresolved;
  }

  private hold({ reason, message }: Hold): void {
    const { state, notifications } = this.run;
    this.progress.heldSince ??= Date.now();
    const times = { heldSinceMs: this.progress.heldSince, nowMs: Date.now() };
    const decision = decideUnknown(message, times, state.plan);
    if (decision.kind === 'rollBack')
      throw new RolloutStopped({ kind: 'inconclusive', message: decision.message });
    const { endsMs } = decision;
    const isNew =
      endsMs === null
        ? state.startHold({ reason, message }, null)
        : state.startHold(
            { reason, message: `${message}; will roll back if this continues` },
            new Date(endsMs).toISOString(),
          );
    if (isNew) notifications.send('hold', message);
  }

  private roundSeconds(mode: WatchRequest['mode']): number {
    const ends = holdEndsMs(this.progress.heldSince, this.run.state.plan);
    if (ends !== null) return Math.max(1, Math.ceil((ends - Date.now()) / 1000));
    return watchActivitySeconds(this.target.seconds, mode === 'guard' || this.progress.heldSince !== null);
  }

  private request(mode: WatchRequest['mode'], roundEnds: number): WatchRequest {
    const { state } = this.run;
    const { serve, rolloutId, judging } = state.plan;
    if (!state.weights) throw new Error('nothing to watch before the deployment');
    return {
      rolloutId,
      traffic: state.traffic,
      weights: state.weights,
      stage: state.weightChanges,
      metricPeriodSeconds: serve.metricPeriodSeconds,
      guardrails: this.target.guardrails ?? applicableGuardrails(this.run),
      // A person's promotion does not wait for the goals.
      goals: mode === 'final' ? [] : (this.target.goals ?? []),
      judging,
      since: new Date(this.progress.since).toISOString(),
      bakeSeconds: this.target.seconds,
      roundEnds: new Date(roundEnds).toISOString(),
      mode,
      ...(this.target.isChanging === true && { isChanging: true }),
      continued: this.progress.continued ?? this.begin(),
    };
  }

  /** Each watch starts its windows from scratch. Comparisons continue with their samples so far. */
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
