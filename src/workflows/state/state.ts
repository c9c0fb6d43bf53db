/** State of a rollout. Each change updates the search attributes and the Web UI; queries read it. */
import {
  CancellationScope,
  CancelledFailure,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { DesiredDeployment } from '../../activities/interface/deployment.js';
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Outcome, Phase } from '../../plan/outcome.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Weights } from '../../plan/compiled/names.js';
import type { SerializedState } from '../run/continued-state.js';
import type { RunbookStep, WatchProgress } from './cursor.js';
import { describeForWebUi } from './web-ui.js';
import { RolloutData } from './data.js';
import { attributes, type Hold, type RolloutStatus, type TimelineEntry } from '../messages.js';
import { statusOf } from './status.js';
import { mergeVerdicts, repeatsUnknown } from './reports.js';
import { now } from '../temporal/workflow-info.js';

type UnstampedEntry<T> = T extends unknown ? Omit<T, 'at'> : never;

export class RolloutState extends RolloutData {
  /** `continued`: from the previous run of the same rollout. */
  constructor(endpoint: string, continued: SerializedState | null) {
    super(endpoint);
    Object.assign(this, continued);
    upsertSearchAttributes([
      { key: attributes.endpoint, value: endpoint },
      { key: attributes.phase, value: this.phase },
    ]);
    if (this.compiledPlan) this.index(this.compiledPlan);
  }

  setPlan(plan: Plan): void {
    this.compiledPlan = plan;
    this.index(plan);
  }

  /** The rollout begins a step of the runbook. */
  moveTo(step: RunbookStep): void {
    Object.assign(this.cursor, { step, since: Date.now(), watch: null, blockedSince: null });
  }

  /** The rollout begins the next part of its step. */
  beginPart<S extends RunbookStep & { part: string }>(step: S, part: S['part']): void {
    step.part = part;
    this.cursor.since = Date.now();
  }

  private index({ strategy }: Plan): void {
    upsertSearchAttributes([
      { key: attributes.strategy, value: strategy },
      { key: attributes.candidateWeight, value: this.weights?.candidate ?? 0 },
    ]);
  }

  /** A hold ends with its phase. It lasts while the rollout enters the same phase again to repeat the held change. */
  enterPhase(phase: Phase, reason: string): void {
    // A cancelled activity can still succeed. The phase after it must not begin.
    if (CancellationScope.current().consideredCancelled)
      throw new CancelledFailure(`cancelled before ${phase}`);
    const isRepeated = phase === this.phase && reason === this.reason;
    if (phase !== this.phase) this.hold = null;
    this.phase = phase;
    this.phaseSince = now();
    this.reason = reason;
    this.pendingWait = null;
    if (isRepeated) return;
    upsertSearchAttributes([{ key: attributes.phase, value: phase }]);
    this.addTimelineEntry({ kind: 'phase', phase, message: reason });
  }

  addTimelineEntry(entry: UnstampedEntry<TimelineEntry>): TimelineEntry {
    const stamped = { at: now(), ...entry };
    this.timeline.push(stamped);
    this.publishDetails();
    return stamped;
  }

  /** Records a hold in the timeline once, not at each check. Returns false if it was recorded before. */
  startHold(hold: Hold, until: string | null): boolean {
    if (this.hold?.message === hold.message) return false;
    this.hold = hold;
    this.heldUntil = until;
    this.addTimelineEntry({ kind: 'decision', message: `holding: ${hold.message}` });
    return true;
  }

  release(): void {
    if (!this.hold) return;
    this.addTimelineEntry({ kind: 'decision', message: `no longer holding: ${this.hold.message}` });
    this.hold = null;
  }

  /** `watch`: null when it ends. */
  showWatch(watch: WatchProgress | null): void {
    this.cursor.watch = watch;
    this.publishDetails();
  }

  setWaitingFor(what: string, until: number | null): void {
    this.pendingWait = { what, until: until === null ? null : new Date(until).toISOString() };
    this.publishDetails();
  }

  /** Call before the object is created: the response of the creation can be lost. */
  recordCreated(endpoint: string, { configName, owned, createsEndpoint }: DesiredDeployment): void {
    const created = [
      ...(createsEndpoint ? [`endpoint ${endpoint}`] : []),
      ...(owned ? [`endpoint config ${configName}`] : []),
    ];
    this.createdResources.push(...created.filter((name) => !this.createdResources.includes(name)));
  }

  setDesiredWeights(weights: Weights): void {
    this.trafficMoved ||= weights.candidate > 0;
    if (weights.candidate > 0) this.servesSince ??= Date.now();
    // A rollback repeats a request that AWS has not carried out, many times.
    if (this.weights?.candidate === weights.candidate) return;
    this.weights = weights;
    this.weightChanges++;
    upsertSearchAttributes([{ key: attributes.candidateWeight, value: weights.candidate }]);
    this.addTimelineEntry({ kind: 'weights', weights, message: `candidate to ${weights.candidate} %` });
  }

  applyReport(report: WatchReport): void {
    this.verdicts = mergeVerdicts(this.verdicts, report.verdicts, this.cursor.watch?.mode ?? null);
    this.stats = report.state.stats;
    this.comparisons = report.state.comparisons;
    this.observation = report.state.observation ?? this.observation;
    if (report.kind !== 'round' && !repeatsUnknown(this.timeline, report)) {
      const appliesLater = report.verdicts.length === 0 && this.plan.guardrails.length > 0;
      const message = report.kind === 'clear' && appliesLater ? 'no guardrail applies yet' : report.message;
      this.addTimelineEntry({
        kind: 'verdict',
        report: report.kind,
        verdicts: report.verdicts,
        message: `${report.kind}: ${message}`,
      });
    }
    this.publishDetails();
  }

  /** From here on an abort is rejected: only the candidate serves, verified. */
  markPromoted(): void {
    this.enterPhase('cleaningUp', 'the candidate serves all traffic, verified; deleting unused resources');
    this.outcome = 'promoted';
  }

  end(outcome: Outcome, reason: string): void {
    this.enterPhase('ended', reason);
    this.outcome = outcome;
    upsertSearchAttributes([{ key: attributes.outcome, value: outcome }]);
    this.addTimelineEntry({ kind: 'decision', outcome, reason, message: `${outcome}: ${reason}` });
  }

  status(): RolloutStatus {
    return statusOf(this);
  }

  private publishDetails(): void {
    setCurrentDetails(describeForWebUi(this.status()));
  }
}
