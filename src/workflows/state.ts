/** What a rollout knows of itself: kept in the workflow, shown by the queries, the attributes and the Web UI. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { EndpointObservation, Starting, VariantStats, WatchReport } from '../activities/interface.js';
import type { Verdict } from '../analysis/verdict.js';
import type { Outcome, Phase } from '../plan/outcome.js';
import { type Names, namesOf, type Plan, type Role, type Weights } from '../plan/plan.js';
import type { Fleet } from './deployments.js';
import { describeForWebUi } from './details.js';
import { attributes, type JobStatus, type RolloutStatus, type TimelineEntry } from './messages.js';
import { statusOf } from './status.js';

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

export class RolloutState {
  plan: Plan | null = null;
  starting: Starting | null = null;
  phase: Phase = 'planning';
  outcome: Outcome | null = null;
  reason = 'the spec is being checked';
  stage = 0;
  paused = false;
  holding: string | null = null;
  waitingFor: RolloutStatus['waitingFor'] = null;
  jobs: JobStatus[] = [];
  models: Partial<Record<Role, string>> = {};
  /** As last asked for; null before the candidate is deployed. */
  weights: Weights | null = null;
  /** Whether the candidate was ever to get a user's request. */
  trafficMoved = false;
  observation: EndpointObservation | null = null;
  verdicts: Verdict[] = [];
  stats: VariantStats[] = [];
  readonly timeline: TimelineEntry[] = [];
  readonly startedAt = now();
  readonly startedBy = startedByOf(workflowInfo().memo);
  phaseSince = now();

  constructor(readonly endpoint: string) {
    upsertSearchAttributes([
      { key: attributes.endpoint, value: endpoint },
      { key: attributes.phase, value: this.phase },
    ]);
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
    const { baseline, candidate } = this.models;
    if (!this.starting || !baseline || !candidate) throw new Error('no fleet yet');
    return {
      plan: this.frozen,
      starting: this.starting,
      models: { baseline, candidate },
      variants: this.variants,
    };
  }

  adopt(plan: Plan): void {
    this.plan = plan;
    upsertSearchAttributes([
      { key: attributes.strategy, value: plan.strategy },
      { key: attributes.candidateWeight, value: 0 },
    ]);
  }

  enter(phase: Phase, reason: string): void {
    this.phase = phase;
    this.phaseSince = now();
    this.reason = reason;
    this.waitingFor = null;
    this.holding = null;
    upsertSearchAttributes([{ key: attributes.phase, value: phase }]);
    this.note({ kind: 'phase', phase, sentence: reason });
  }

  note(entry: Unstamped<TimelineEntry>): void {
    this.timeline.push({ at: now(), ...entry });
    this.show();
  }

  /** Something unknown, or a person, keeps the rollout where it is. Noted once, not at every look. */
  hold(sentence: string, until: string | null): void {
    if (this.holding === sentence) return;
    this.holding = sentence;
    this.waitingFor = { what: sentence, until };
    this.note({ kind: 'decision', sentence: `holding: ${sentence}` });
  }

  release(): void {
    if (!this.holding) return;
    this.note({ kind: 'decision', sentence: `no longer holding: ${this.holding}` });
    this.holding = null;
    this.waitingFor = null;
  }

  await(what: string, until: number | null): void {
    this.waitingFor = { what, until: until === null ? null : new Date(until).toISOString() };
    this.show();
  }

  wish(weights: Weights): void {
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

function startedByOf(memo: Record<string, unknown> | undefined): string {
  const actor = memo?.['startedBy'];
  return typeof actor === 'string' && actor !== '' ? actor : 'unknown (no startedBy in the memo)';
}
