/** What a rollout knows of itself: kept in the workflow, shown by the queries, the attributes and the Web UI. */
import {
  CancellationScope,
  CancelledFailure,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  Deployment,
  EndpointObservation,
  Starting,
  Traffic,
  VariantStats,
  WatchReport,
  WatchState,
} from '../activities/interface.js';
import type { Verdict } from '../analysis/verdict.js';
import type { Outcome, Phase } from '../plan/outcome.js';
import {
  type Arrangement,
  type Gate,
  type Names,
  namesOf,
  type Plan,
  type Role,
  type Weights,
} from '../plan/plan.js';
import type { Split } from '../plan/split.js';
import { type Fleet, trafficOf } from './deployments.js';
import { describeForWebUi } from './details.js';
import { attributes, type JobStatus, type RolloutStatus, type TimelineEntry } from './messages.js';
import { startedByOf } from './started-by.js';
import { statusOf } from './status.js';
import { shorten } from './timeline.js';

/** Its own fields, which are plain JSON. */
export type StateRecord = object;

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

const mostCharacters = 1_200_000;
const leastForTimeline = 100_000;

export class RolloutState {
  plan: Plan | null = null;
  starting: Starting | null = null;
  phase: Phase = 'planning';
  /** From the beginning of the rollback window on. */
  mayUndo = false;
  outcome: Outcome | null = null;
  reason = 'the spec is being checked';
  stage = 0;
  paused = false;
  holding: string | null = null;
  /** What comes next by itself; a hold is told in its place. */
  awaited: RolloutStatus['waitingFor'] = null;
  private heldUntil: string | null = null;
  /** The gate that the rollout stands before, and who has approved. */
  gate: { gate: Gate; approvals: string[] } | null = null;
  jobs: JobStatus[] = [];
  models: Partial<Record<Role, string>> = {};
  /** What is up, or was last asked for; null before the first deployment. */
  arrangement: Arrangement | null = null;
  /** As last asked for; null before the candidate is deployed. */
  weights: Weights | null = null;
  /** How often the weights were changed: what was measured under one set of them is one stratum. */
  shifts = 0;
  /** Instances that the rollout has asked for, as read back; null: it has not. What differs later was changed by others. */
  countsAsked: Record<Role, number | null> = { baseline: null, candidate: null };
  /** Configs and endpoints of its own that the rollout has begun to make, as people call them. */
  made: string[] = [];
  /** How often someone else's change was put back. */
  reverts = 0;
  /** That the switches follow. */
  split: Split | null = null;
  /** What comparisons with the baseline have seen so far, over all stages. */
  comparisons: WatchState['comparisons'] = {};
  /** Whether the candidate was ever to get a user's request. */
  trafficMoved = false;
  observation: EndpointObservation | null = null;
  verdicts: Verdict[] = [];
  stats: VariantStats[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly startedAt = now();
  readonly startedBy = startedByOf(workflowInfo().memo);
  phaseSince = now();

  /** `carried`: what a former run of the same rollout knew. */
  constructor(
    readonly endpoint: string,
    carried: StateRecord | null,
  ) {
    Object.assign(this, carried);
    upsertSearchAttributes([
      { key: attributes.endpoint, value: endpoint },
      { key: attributes.phase, value: this.phase },
    ]);
    if (this.plan) this.index(this.plan);
  }

  /** For the next run: an argument of more than 2 MB is refused. */
  toJSON(): StateRecord {
    const room = mostCharacters - JSON.stringify({ ...this, timeline: [] }).length;
    return { ...this, timeline: shorten(this.timeline, Math.max(room, leastForTimeline)) };
  }

  /** Steps after planning have a plan; asking earlier is a fault of our own. */
  get frozen(): Plan {
    if (!this.plan) throw new Error('no plan yet');
    return this.plan;
  }

  get names(): Names {
    return namesOf(this.frozen.rolloutId);
  }

  /** Variant names: a live baseline keeps the name it has. */
  get variants(): Record<Role, string> {
    const baseline = this.starting?.kind === 'live' ? this.starting.variantName : this.names.variant.baseline;
    return { baseline, candidate: this.names.variant.candidate };
  }

  /** What the deployments are made from; asking before preflight and training is a fault of our own. */
  get fleet(): Fleet {
    const { baseline = null, candidate } = this.models;
    if (!this.starting || !candidate) throw new Error('no fleet yet');
    return {
      plan: this.frozen,
      starting: this.starting,
      models: { baseline, candidate },
      variants: this.variants,
    };
  }

  /** Instances of the baseline before anything was changed; null: it is new. */
  get baselineCount(): number | null {
    return this.starting?.kind === 'live' ? this.starting.count : this.frozen.serve.count;
  }

  /** Where both arms are; asking before the deployment is a fault of our own. */
  get traffic(): Traffic {
    if (!this.arrangement) throw new Error('nothing is deployed yet');
    return trafficOf(this.fleet, this.arrangement);
  }

  get waitingFor(): RolloutStatus['waitingFor'] {
    return this.holding === null ? this.awaited : { what: this.holding, until: this.heldUntil };
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
    this.holding = null;
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
  hold(sentence: string, until: string | null): boolean {
    if (this.holding === sentence) return false;
    this.holding = sentence;
    this.heldUntil = until;
    this.note({ kind: 'decision', sentence: `holding: ${sentence}` });
    return true;
  }

  release(): void {
    if (!this.holding) return;
    this.note({ kind: 'decision', sentence: `no longer holding: ${this.holding}` });
    this.holding = null;
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
    this.note({ kind: 'decision', sentence: `${outcome}: ${reason}` });
  }

  status(): RolloutStatus {
    return statusOf(this);
  }

  private show(): void {
    setCurrentDetails(describeForWebUi(this.status()));
  }
}

/** Workflow time as ISO 8601. */
export function now(): string {
  return new Date().toISOString();
}
