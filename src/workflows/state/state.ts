/** What a rollout knows of itself, as it changes: shown by the queries, the attributes and the Web UI. */
import {
  CancellationScope,
  CancelledFailure,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Deployment } from '../../activities/interface/deployment.js';
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Outcome, Phase } from '../../plan/outcome.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Weights } from '../../plan/compiled/role.js';
import type { StateRecord } from '../run/continued-state.js';
import { describeForWebUi } from './web-ui.js';
import { RolloutFacts } from './data.js';
import { attributes, type Hold, type RolloutStatus, type TimelineEntry } from '../messages.js';
import { statusOf } from './status.js';
import { now } from '../temporal/workflow-info.js';

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

export class RolloutState extends RolloutFacts {
  /** `carried`: what a former run of the same rollout knew. */
  constructor(endpoint: string, carried: StateRecord | null) {
    super(endpoint);
    Object.assign(this, carried);
    upsertSearchAttributes([
      { key: attributes.endpoint, value: endpoint },
      { key: attributes.phase, value: this.phase },
    ]);
    if (this.plan) this.index(this.plan);
  }

  adopt(plan: Plan): void {
    this.plan = plan;
    this.index(plan);
  }

  private index({ strategy }: Plan): void {
    upsertSearchAttributes([
      { key: attributes.strategy, value: strategy },
      { key: attributes.candidateWeight, value: this.weights?.candidate ?? 0 },
    ]);
  }

  enter(phase: Phase, reason: string): void {
    // What is under way may end well although it was cancelled; nothing comes after it.
    if (CancellationScope.current().consideredCancelled)
      throw new CancelledFailure(`cancelled before ${phase}`);
    this.phase = phase;
    this.phaseSince = now();
    this.reason = reason;
    this.awaited = null;
    this.hold = null;
    upsertSearchAttributes([{ key: attributes.phase, value: phase }]);
    this.note({ kind: 'phase', phase, sentence: reason });
  }

  note(entry: Unstamped<TimelineEntry>): TimelineEntry {
    const noted = { at: now(), ...entry };
    this.timeline.push(noted);
    this.show();
    return noted;
  }

  /** Something unknown, or a person, keeps the rollout where it is. Noted once, not at every look: false where it was. */
  startHold(hold: Hold, until: string | null): boolean {
    if (this.hold?.message === hold.message) return false;
    this.hold = hold;
    this.heldUntil = until;
    this.note({ kind: 'decision', sentence: `holding: ${hold.message}` });
    return true;
  }

  release(): void {
    if (!this.hold) return;
    this.note({ kind: 'decision', sentence: `no longer holding: ${this.hold.message}` });
    this.hold = null;
  }

  await(what: string, until: number | null): void {
    this.awaited = { what, until: until === null ? null : new Date(until).toISOString() };
    this.show();
  }

  /** Noted before it is made: an answer may be lost. */
  makes(endpoint: string, { configName, owned, createsEndpoint }: Deployment): void {
    const made = [
      ...(createsEndpoint ? [`endpoint ${endpoint}`] : []),
      ...(owned ? [`endpoint config ${configName}`] : []),
    ];
    this.made.push(...made.filter((name) => !this.made.includes(name)));
  }

  wish(weights: Weights): void {
    if (this.weights?.candidate !== weights.candidate) this.shifts++;
    this.weights = weights;
    this.trafficMoved ||= weights.candidate > 0;
    upsertSearchAttributes([{ key: attributes.candidateWeight, value: weights.candidate }]);
    this.note({ kind: 'weights', weights, sentence: `candidate to ${weights.candidate} %` });
  }

  record(report: WatchReport): void {
    // A look between steps judges alarms only; what the last bake found still stands.
    const judged = new Set(report.verdicts.map((verdict) => verdict.guardrail));
    this.verdicts = [
      ...this.verdicts.filter((verdict) => !judged.has(verdict.guardrail)),
      ...report.verdicts,
    ];
    this.stats = report.state.stats;
    this.comparisons = report.state.comparisons;
    this.observation = report.state.observation ?? this.observation;
    if (report.kind !== 'round') {
      this.note({
        kind: 'verdict',
        report: report.kind,
        verdicts: report.verdicts,
        sentence: `${report.kind}: ${report.sentence}`,
      });
    }
    this.show();
  }

  /** From here on an abort is refused: the candidate alone serves, read back. */
  promoted(): void {
    this.enter('cleaningUp', 'the candidate serves all traffic, verified; deleting what is left over');
    this.outcome = 'promoted';
  }

  end(outcome: Outcome, reason: string): void {
    this.enter('ended', reason);
    this.outcome = outcome;
    upsertSearchAttributes([{ key: attributes.outcome, value: outcome }]);
    this.note({ kind: 'decision', outcome, reason, sentence: `${outcome}: ${reason}` });
  }

  status(): RolloutStatus {
    return statusOf(this);
  }

  private show(): void {
    setCurrentDetails(describeForWebUi(this.status()));
  }
}
