/** One watch: rounds of the activity `watchTraffic`. Each round passes its state to the next one. */
import type { Drift } from '../../activities/interface/traffic.js';
import type { WatchReport, WatchRequest, WatchState } from '../../activities/interface/watch.js';
import { endsRollout, isReported } from '../../plan/compiled/on-fail.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { ContinueAsNewNeeded, continueAsNewIfNeeded, shouldContinueAsNew } from '../run/continue-as-new.js';
import { applicableGuardrails } from './applicable-guardrails.js';
import { handleDrift } from './drift.js';
import { notifyObstacle } from './notify-obstacle.js';
import { couldReadAll, unreadCause } from './obstacle.js';
import {
  watchActivitySeconds,
  decideUnknown,
  endsHold,
  holdEndsMs,
  isOfChange,
  readFailure,
  unknownReason,
  unreadRoundSeconds,
} from './policy.js';
import type { Hold, RequiredKnowledge, WatchMode } from '../messages.js';
import type { RolloutContext } from '../run/context.js';
import type { GuardedWindows, WatchProgress } from '../state/cursor.js';
import { hasObstacle, recordSuccess } from '../state/obstacles.js';
import type { RolloutState } from '../state/state.js';
import { RolloutStopped } from '../temporal/stop.js';

/** Start, length and rules of one watch. */
export interface WatchTarget {
  mode: WatchMode;
  need: RequiredKnowledge;
  /** Milliseconds, workflow time: the weights were verified then, and windows begin after it. */
  since: number;
  /** Length of the bake: windows that end within it are evaluated. */
  seconds: number;
  /** Default: those that the present split can answer. */
  guardrails?: () => Guardrail[];
  goals?: Goal[];
  /** The rollout changes the endpoint during the watch. */
  isChanging?: boolean;
}

/** Runs `work` with a watch. A watch that continue-as-new interrupted resumes. */
export async function withWatch<T>(
  run: RolloutContext,
  target: WatchTarget,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  const { state } = run;
  const { mode, need, since: windowsSince } = target;
  const begun = {
    ...{ mode, need, modeSince: Date.now(), heldSince: null, continued: null },
    windowsSince: guardedBefore(run, target)?.since ?? windowsSince,
  };
  // A change ends in the run that began it.
  const progress = (target.isChanging === true ? null : state.cursor.watch) ?? begun;
  state.showWatch(progress);
  try {
    const result = await work(new Watch(run, target, progress));
    state.showWatch(null);
    return result;
  } catch (error) {
    if (!(error instanceof ContinueAsNewNeeded)) state.showWatch(null);
    throw error;
  }
}

const pollModes = { baking: 'bake', overdue: 'bake', guarding: 'guard', lastCheck: 'final' } as const;

export class Watch {
  constructor(
    private readonly run: RolloutContext,
    private readonly target: WatchTarget,
    private readonly progress: WatchProgress,
  ) {}

  /** The mode of the next round. A bake stays overdue while the rollout holds for its windows. */
  enter(mode: WatchMode): void {
    const { progress } = this;
    if (progress.mode === mode) return;
    if (progress.mode === 'overdue' && mode === 'baking' && progress.heldSince !== null) return;
    this.run.state.showWatch(Object.assign(progress, { mode, modeSince: Date.now() }));
  }

  /**
   * Runs one round. Returns its report, or null if the round was cancelled. `noLaterThan`: milliseconds. Throws
   * RolloutStopped if a guardrail fails.
   */
  async round(cancelWhen = () => false, noLaterThan: number | null = null): Promise<WatchReport | null> {
    // A change in progress ends in the run that began it.
    const isBetweenChanges = this.target.isChanging !== true;
    if (isBetweenChanges) continueAsNewIfNeeded(this.run);
    const { state, control, forward } = this.run;
    const beganMs = Date.now();
    const defaultEndMs = beganMs + this.roundSeconds() * 1000;
    const roundEnds =
      noLaterThan === null ? defaultEndMs : Math.min(defaultEndMs, Math.max(noLaterThan, beganMs + 1000));
    const { watchTraffic } = proxyRolloutActivities({
      scheduleToCloseSeconds: null,
      summary: this.summary(),
    });
    const request = this.request(roundEnds);
    const seenRetries = control.retries;
    const report = await forward.runInterruptible(
      () => watchTraffic(request),
      () =>
        control.retries > seenRetries || cancelWhen() || (isBetweenChanges && shouldContinueAsNew(this.run)),
    );
    if (!report) return null;
    this.progress.continued = report.state;
    this.keepGuarded(report.state);
    if (report.kind === 'clear') state.cursor.checkedAt = Date.now();
    state.applyReport(report);
    await this.react(report, beganMs);
    return report;
  }

  private async react(report: WatchReport, beganMs: number): Promise<void> {
    const failed = report.verdicts.find(endsRollout);
    if (report.kind === 'fail' && failed) throw new RolloutStopped({ kind: 'guardrail', verdict: failed });
    this.tellReported(report);
    const unknown = report.drift
      ? await this.resolveDrift(report, report.drift)
      : unknownReason(report, this.progress.need, this.target.goals ?? []);
    const { state } = this.run;
    if (couldReadAll(report)) state.obstacles = recordSuccess(state.obstacles, 'watch');
    if (unknown !== null) {
      const isNew = this.hold({ reason: report.kind === 'drift' ? 'drift' : 'unknown', message: unknown });
      return this.notify(report, unknown, { beganMs, isNew });
    }
    this.progress.heldSince = null;
    const unreadable = readFailure(report);
    if (unreadable !== null) {
      // The status continues to show the change that does not succeed beside this watch: a person solves that first.
      const isNew =
        !isOfChange(state.hold) && state.startHold({ reason: 'unknown', message: unreadable }, null);
      return this.notify(report, unreadable, { beganMs, isNew });
    }
    if (endsHold(state.hold, report)) state.release();
  }

  /** Operators are told once of each guardrail that is only reported. */
  private tellReported({ verdicts }: WatchReport): void {
    const { state, notifications } = this.run;
    for (const { guardrail, message } of verdicts.filter(isReported)) {
      if (state.toldFailures.includes(guardrail)) continue;
      state.toldFailures.push(guardrail);
      const told = `${guardrail} has failed and is only reported: ${message}`;
      state.addTimelineEntry({ kind: 'warning', message: told });
      notifications.send('hold', told);
    }
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

  /** Reads can fail now and then, so operators are not notified of each hold. */
  private notify(
    report: WatchReport,
    message: string,
    { beganMs, isNew }: { beganMs: number; isNew: boolean },
  ): void {
    const cause = report.kind === 'drift' ? null : unreadCause(report, message);
    if (cause !== null) notifyObstacle(this.run, { work: 'watch', cause }, { message, beganMs });
    else if (isNew) this.run.notifications.send('hold', message);
  }

  /** Returns false if the rollout was held for the same before. */
  private hold({ reason, message }: Hold): boolean {
    const { state } = this.run;
    this.progress.heldSince ??= Date.now();
    const times = { heldSinceMs: this.progress.heldSince, nowMs: Date.now() };
    const decision = decideUnknown(message, times, state.plan);
    if (decision.kind === 'rollBack')
      throw new RolloutStopped({ kind: 'inconclusive', message: decision.message });
    if (reason === 'unknown' && this.progress.mode === 'baking') this.enter('overdue');
    const { endsMs } = decision;
    return endsMs === null
      ? state.startHold({ reason, message }, null)
      : state.startHold(
          { reason, message: `${message}; will roll back if this continues` },
          new Date(endsMs).toISOString(),
        );
  }

  private roundSeconds(): number {
    const { plan, obstacles } = this.run.state;
    const { mode, heldSince } = this.progress;
    const ends = holdEndsMs(heldSince, plan);
    const seconds =
      ends === null
        ? watchActivitySeconds(this.target.seconds, mode === 'guarding' || heldSince !== null)
        : Math.max(1, Math.ceil((ends - Date.now()) / 1000));
    // A report says whether the reads still fail.
    return hasObstacle(obstacles, 'watch', Date.now()) ? Math.min(seconds, unreadRoundSeconds) : seconds;
  }

  private request(roundEnds: number): WatchRequest {
    const { state } = this.run;
    const { serve, rolloutId, judging } = state.plan;
    const mode = pollModes[this.progress.mode];
    if (!state.weights) throw new Error('nothing to watch before the deployment');
    return {
      rolloutId,
      traffic: state.traffic,
      weights: state.weights,
      stage: state.weightChanges,
      metricPeriodSeconds: serve.metricPeriodSeconds,
      guardrails: this.target.guardrails?.() ?? applicableGuardrails(this.run),
      ...(state.toldFailures.length > 0 && { told: [...state.toldFailures] }),
      // A person's promotion does not wait for the goals.
      goals: mode === 'final' ? [] : (this.target.goals ?? []),
      judging,
      since: new Date(this.progress.windowsSince).toISOString(),
      ...(state.trafficSince !== null && { weightsSince: new Date(state.trafficSince).toISOString() }),
      ...(state.servesSince !== null && { servesSince: new Date(state.servesSince).toISOString() }),
      bakeSeconds: this.target.seconds,
      roundEnds: new Date(roundEnds).toISOString(),
      mode,
      ...(this.target.isChanging === true && { isChanging: true }),
      ...servedBefore(state),
      continued: this.progress.continued ?? this.begin(),
    };
  }

  /** Comparisons continue with their samples so far, and a guard with the windows of the last one. */
  private begin(): WatchState | null {
    const { comparisons } = this.run.state;
    const guardrails = guardedBefore(this.run, this.target)?.guardrails ?? {};
    if (Object.keys(comparisons).length === 0 && Object.keys(guardrails).length === 0) return null;
    return { guardrails, alarms: [], comparisons, stats: [], observation: null };
  }

  private keepGuarded({ guardrails }: WatchState): void {
    const { cursor, weightChanges: stage } = this.run.state;
    const { mode, windowsSince: since } = this.progress;
    const isBake = mode === 'baking' || mode === 'overdue';
    if (isBake || isGuard(this.target)) cursor.guarded = { stage, since, guardrails };
  }

  private summary(): string {
    const { stage, weights } = this.run.state;
    return `${pollModes[this.progress.mode] === 'bake' ? 'bake' : 'guard'} stage ${stage}, candidate ${weights?.candidate ?? 0} %`;
  }
}

/** The window after a promotion is a guard too, with a length of its own. */
function isGuard({ mode, seconds }: WatchTarget): boolean {
  return mode === 'guarding' && seconds === 0;
}

function guardedBefore({ state }: RolloutContext, target: WatchTarget): GuardedWindows | null {
  const { guarded } = state.cursor;
  return isGuard(target) && guarded?.stage === state.weightChanges ? guarded : null;
}

/** In the topology `endpoints` the baseline's endpoint stays on its config. */
function servedBefore({ starting, plan }: RolloutState): Pick<WatchRequest, 'servedBefore'> {
  return starting?.kind === 'live' && plan.topology === 'variants'
    ? { servedBefore: starting.configName }
    : {};
}
